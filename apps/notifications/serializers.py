"""Shapes of what a person is told in the app."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from apps.common.serializers import InstantField
from apps.notifications.models import Notification
from apps.notifications.reading import Reading, read
from apps.notifications.scopes import people

EXAMPLE = {
    "id": 71,
    "kind": "task_status_changed",
    "title": "[WEB-12] Fix the login page: In progress → Review",
    "body": "Bob moved the task on.",
    "project": 3,
    "task": 12,
    "actor": {"id": 5, "username": "bob", "nickname": "Bob", "avatar": None},
    "changes": {"status": {"from": "in_progress", "to": "review"}},
    "created_at": "2026-11-20T08:00:00Z",
    "read_at": None,
}
PERSON = {
    "type": "object",
    "nullable": True,
    "required": ["id", "username", "nickname", "avatar"],
    "properties": {
        "id": {"type": "integer"},
        "username": {"type": "string"},
        "nickname": {"type": "string"},
        "avatar": {"type": "string", "format": "uri", "nullable": True},
    },
}
CHANGES = {
    "type": "object",
    "additionalProperties": {"type": "object", "properties": {"from": {"nullable": True}, "to": {"nullable": True}}},
}


class NotificationListSerializer(serializers.ListSerializer[Notification]):
    """Makes the words of a page together: the number of queries does not grow with it."""

    def to_representation(self, data: Any) -> list[Any]:
        rows = list(data)
        remember(self.context, rows)
        return super().to_representation(rows)


class NotificationSerializer(serializers.ModelSerializer[Notification]):
    """One thing told; `title` and `body` are plain text, in the reader's time zone."""

    title = serializers.SerializerMethodField()
    body = serializers.SerializerMethodField()
    project = serializers.IntegerField(source="project_id", allow_null=True, read_only=True)
    task = serializers.IntegerField(source="task_id", allow_null=True, read_only=True)
    actor = serializers.SerializerMethodField()
    changes = serializers.SerializerMethodField()
    created_at = InstantField(read_only=True)
    read_at = InstantField(read_only=True, allow_null=True)

    class Meta:
        model = Notification
        list_serializer_class = NotificationListSerializer
        fields = ("id", "kind", "title", "body", "project", "task", "actor", "changes", "created_at", "read_at")
        read_only_fields = fields

    def to_representation(self, instance: Notification) -> dict[str, Any]:
        if instance.pk not in self.context.get("readings", {}):
            remember(self.context, [instance])
        shown: dict[str, Any] = super().to_representation(instance)
        return shown

    def _reading(self, row: Notification) -> Reading:
        readings: Mapping[int, tuple[Reading, Any]] = self.context["readings"]
        return readings[row.pk][0]

    def get_title(self, row: Notification) -> str:
        return self._reading(row).title

    def get_body(self, row: Notification) -> str:
        return self._reading(row).body

    @extend_schema_field(PERSON)
    def get_actor(self, row: Notification) -> Any:
        return self.context["readings"][row.pk][1]

    @extend_schema_field(CHANGES)
    def get_changes(self, row: Notification) -> Any:
        return self._reading(row).changes


def remember(context: Any, rows: Sequence[Notification]) -> None:
    """Put {row id: (words, actor)} into the serializers' shared context."""
    words = read(rows, context["request"].user)
    actors = people({row.actor_id for row in rows if row.actor_id is not None})
    context["readings"] = {row.pk: (words[row.pk], actors.get(row.actor_id) if row.actor_id else None) for row in rows}


class ReadSerializer(serializers.Serializer[Any]):
    """How many were marked."""

    read = serializers.IntegerField()


class UnreadSerializer(serializers.Serializer[Any]):
    """How many are unread."""

    unread = serializers.IntegerField()

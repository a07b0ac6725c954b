"""Shapes of what a person is notified in the app."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

from django.db.models import F, QuerySet
from rest_framework import serializers

from apps.common.api.serializers import ChangesField, InstantField
from apps.common.dates.instants import utc
from apps.common.sql.json import AsText
from apps.notifications.listed import ListedRow
from apps.notifications.models import Notification
from apps.notifications.reading import read, read_listed

EXAMPLE = {
    "id": 71,
    "kind": "task_status_changed",
    "title": "WEB-12 is now review: Fix the login page",
    "body": "Bob set the task “Fix the login page” to “Review”.",
    "project": 3,
    "task": 12,
    "actor": {"id": 5, "username": "bob", "nickname": "Bob", "avatar": None},
    "changes": {"status": {"from": "in_progress", "to": "review"}},
    "created_at": "2026-11-20T08:00:00Z",
    "read_at": None,
}

# Of a row what a ListedRow holds first
COLUMNS = ("id", "recipient_id", "kind", "actor_id", "project_id", "task_id", "created_at", "read_at")

_as_json = json.JSONEncoder(ensure_ascii=False).encode
_quoted = json.encoder.encode_basestring  # what the encoder does with a text, without looking what it is


class PersonField(serializers.Field[Any, Any, Any, Any]):
    """Who did it, or null."""


class KindField(serializers.Field[Any, Any, Any, Any]):
    """What kind of notification it is."""


class NotificationSerializer(serializers.ModelSerializer[Notification]):
    """A notification of the caller. `title` and `body` are plain text, with times in the caller's time zone."""

    kind = KindField(read_only=True)
    title = serializers.CharField(read_only=True)
    body = serializers.CharField(read_only=True)
    project = serializers.IntegerField(source="project_id", allow_null=True, read_only=True)
    task = serializers.IntegerField(source="task_id", allow_null=True, read_only=True)
    actor = PersonField(read_only=True, allow_null=True)
    changes = ChangesField(read_only=True)
    created_at = InstantField(read_only=True)
    read_at = InstantField(read_only=True, allow_null=True)

    class Meta:
        model = Notification
        fields = ("id", "kind", "title", "body", "project", "task", "actor", "changes", "created_at", "read_at")
        read_only_fields = fields

    def to_representation(self, instance: Notification) -> dict[str, Any]:
        instance.recipient = self.context["request"].user  # whose it is: that is the view's scope
        return next(shown([instance]))


def shown(rows: Sequence[Notification]) -> Iterator[dict[str, Any]]:
    """Yield the rows as their recipients are shown them; their words are made together."""
    for row, reading in zip(rows, read(rows), strict=True):
        yield {
            "id": row.id,
            "kind": row.kind,
            "title": reading.title,
            "body": reading.body,
            "project": row.project_id,
            "task": row.task_id,
            "actor": row.people.get(row.actor_id) if row.actor_id else None,
            "changes": reading.changes,
            "created_at": utc(row.created_at),
            "read_at": utc(row.read_at) if row.read_at else None,
        }


def with_texts(rows: QuerySet[Any, Any]) -> tuple[QuerySet[Any, Any], Sequence[str]]:
    """Return the rows of the outbox and the columns that `listed` takes before those of `beside_rows`."""
    return rows.annotate(_data=AsText(F("data"))), (*COLUMNS, "_data")


def texts_of(rows: Sequence[ListedRow]) -> Iterator[str]:
    """Yield the JSON of what `shown` yields, for lists: no row of it is made into a dict and looked through."""
    known: dict[int, str] = {}  # of changes that several rows share
    for row, (title, body, changes) in zip(rows, read_listed(rows), strict=True):
        changes_text = known.get(id(changes))
        if changes_text is None:
            changes_text = known[id(changes)] = _as_json(changes)
        read_text = f'"{utc(row.read_at)}"' if row.read_at else "null"
        yield (
            f'{{"id": {row.id}, "kind": {_quoted(row.kind)}, "title": {_quoted(title)}, '
            f'"body": {_quoted(body)}, "project": {row.project_id or "null"}, "task": {row.task_id or "null"}, '
            f'"actor": {row.actor or "null"}, "changes": {changes_text}, "created_at": "{utc(row.created_at)}", '
            f'"read_at": {read_text}}}'
        )


class ReadCountSerializer(serializers.Serializer[Any]):
    """How many notifications were marked as read."""

    read = serializers.IntegerField()


class UnreadCountSerializer(serializers.Serializer[Any]):
    """How many notifications are unread."""

    unread = serializers.IntegerField()

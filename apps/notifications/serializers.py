"""Shapes of what a person is notified in the app."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from rest_framework import serializers

from apps.common.api.serializers import ChangesField, InstantField
from apps.common.dates.instants import utc
from apps.notifications.models import Notification, People
from apps.notifications.reading import read

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


def shown(rows: Sequence[Notification], *, people: People | None = None) -> Iterator[dict[str, Any]]:
    """Yield the rows as their recipients are shown them; their words are made together.

    `people` are the actors, where they are known.
    """
    readings = read(rows, people=people)
    for row in rows:
        reading = readings[row.id]
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


def texts_of(
    rows: Sequence[Notification], beside: Iterable[tuple[str | None, str, str | None]], *, people: People
) -> Iterator[str]:
    """Yield the JSON of what `shown` yields, for lists: no row of it is made into a dict and looked through.

    `beside` has, of each row, what is JSON already: the actor, and when it came and was read, as texts.
    """
    readings = read(rows, people=people)
    known: dict[int, str] = {}  # of changes that several rows share
    for row, (actor, created_at, read_at) in zip(rows, beside, strict=True):
        reading = readings[row.id]
        changes = known.get(id(reading.changes))
        if changes is None:
            changes = known[id(reading.changes)] = _as_json(reading.changes)
        read_text = f'"{read_at}"' if read_at else "null"
        yield (
            f'{{"id": {row.id}, "kind": {_quoted(row.kind)}, "title": {_quoted(reading.title)}, '
            f'"body": {_quoted(reading.body)}, "project": {row.project_id or "null"}, "task": {row.task_id or "null"}, '
            f'"actor": {actor or "null"}, "changes": {changes}, "created_at": "{created_at}", "read_at": {read_text}}}'
        )


class ReadCountSerializer(serializers.Serializer[Any]):
    """How many notifications were marked as read."""

    read = serializers.IntegerField()


class UnreadCountSerializer(serializers.Serializer[Any]):
    """How many notifications are unread."""

    unread = serializers.IntegerField()

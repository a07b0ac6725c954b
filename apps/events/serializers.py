"""The JSON shapes of the event feed, for the schema: its answers are made by `envelope`."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from apps.common.api.serializers import ChangesField, IdField, InstantField
from apps.common.origin import ORIGIN_CHOICES
from apps.projects.events import TYPE_CHOICES
from apps.users.serializers import PersonSerializer


class EventProjectSerializer(serializers.Serializer[Any]):
    """The project of an event."""

    id = serializers.IntegerField()
    key = serializers.CharField(help_text="Its present key.")


class EventObjectSerializer(serializers.Serializer[Any]):
    """What an event is about."""

    type = serializers.CharField(help_text="`task`, `comment`, `label` …")
    id = serializers.IntegerField(allow_null=True, help_text="Null for an event about several objects.")
    key = serializers.CharField(allow_null=True, help_text="Of a task, as it was then, or of the project; else null.")
    version = serializers.IntegerField(allow_null=True, help_text="After the event; null for what has no version.")


class EventDataSerializer(serializers.Serializer[Any]):
    """What happened; a webhook's body says the same."""

    project = EventProjectSerializer()
    seq = serializers.IntegerField(help_text="1, 2, 3 … in the project, without gaps.")
    batch_id = serializers.UUIDField(allow_null=True, help_text="Shared by the events of one act.")
    actor = PersonSerializer(allow_null=True, help_text="Who did it; null for the system.")
    origin = serializers.ChoiceField(choices=ORIGIN_CHOICES, help_text="How the change came in.")
    object = EventObjectSerializer()
    object_ids = serializers.ListField(
        child=IdField(), allow_null=True, help_text="All objects of an event about several, such as `task.reordered`."
    )
    changes = ChangesField(help_text="The old and the new value of each field that changed.")
    left_filter = serializers.BooleanField(help_text="Only webhooks have filters: false here.")
    truncated = serializers.BooleanField(help_text="Only bodies of webhooks are cut off: false here.")


class StreamTicketSerializer(serializers.Serializer[Any]):
    """A ticket for one connection to the stream."""

    ticket = serializers.CharField(help_text="For `?ticket=`; it is good for one connection.")
    expires_at = InstantField(help_text="In 30 seconds.")


class CloudEventSerializer(serializers.Serializer[Any]):
    """An event as a CloudEvent 1.0."""

    specversion = serializers.CharField(help_text="`1.0`.")
    id = serializers.UUIDField(help_text="Of the event, the same wherever and whenever it is sent.")
    source = serializers.CharField(help_text="`/projects/` and the project's id.")  # type: ignore[assignment]
    type = serializers.ChoiceField(choices=TYPE_CHOICES)
    subject = serializers.CharField(
        required=False, help_text="What it is about, such as `task/345`; missing where it is about several."
    )
    time = InstantField()
    datacontenttype = serializers.CharField(help_text="`application/json`.")
    sequence = serializers.CharField(help_text="`seq` as 20 digits, so that texts sort as numbers do.")
    data = EventDataSerializer()  # type: ignore[assignment]

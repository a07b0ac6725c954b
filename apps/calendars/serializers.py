"""Shapes of calendar feeds in JSON."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from apps.calendars.models import NAME_LENGTH, CalendarFeed, Components
from apps.common.api.serializers import IdField, InstantField, NameField, StrictMixin


class CalendarFeedSerializer(StrictMixin, serializers.ModelSerializer[CalendarFeed]):
    """A calendar feed, without its address."""

    name = NameField(max_length=NAME_LENGTH)
    view = IdField(
        source="view_id",
        required=False,
        allow_null=True,
        help_text="The saved view whose tasks it has; null: open tasks that are assigned to the owner.",
    )
    details = serializers.BooleanField(required=False, help_text="Whether descriptions are in it.")
    created_at = InstantField(read_only=True)
    last_used_at = InstantField(read_only=True, allow_null=True, help_text="Written at most once a minute.")

    class Meta:
        model = CalendarFeed
        fields = ("id", "name", "view", "as", "details", "created_at", "last_used_at")
        ignored = ("url",)

    def build_field(self, field_name: str, *args: Any, **kwargs: Any) -> Any:
        """Build `as`, which Python takes for no name of an attribute."""
        if field_name != "as":
            return super().build_field(field_name, *args, **kwargs)
        options = {"source": "components", "choices": Components.choices, "required": False}
        return serializers.ChoiceField, options | {"help_text": "What tasks are: events, to-dos, or both."}


class ShownFeedSerializer(CalendarFeedSerializer):
    """A calendar feed with its address, which is shown this once."""

    url = serializers.CharField(
        read_only=True, allow_null=True, help_text="Null when an answer is repeated for an Idempotency-Key."
    )

    class Meta(CalendarFeedSerializer.Meta):
        fields = (*CalendarFeedSerializer.Meta.fields, "url")  # type: ignore[assignment]

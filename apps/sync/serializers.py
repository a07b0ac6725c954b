"""The JSON shapes of sync."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers


class SyncStateSerializer(serializers.Serializer[Any]):
    """What a client compares its copy with."""

    projects = serializers.DictField(
        child=serializers.IntegerField(),
        help_text="By the id of each visible project the number of its last event.",
    )
    me = serializers.CharField(
        help_text=(
            "A digest that is another one once the profile, the number of unread notifications, personal views or "
            "favourites have changed."
        )
    )

"""The JSON shapes of trees."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from apps.tasks.serializers import TaskSerializer


class TreeTaskSerializer(TaskSerializer):
    """A task in a tree."""

    depth = serializers.IntegerField(read_only=True, help_text="How far below the task that was asked for; it has 0.")

    class Meta(TaskSerializer.Meta):
        fields = (*TaskSerializer.Meta.fields, "depth")  # type: ignore[assignment]


class TreeSerializer(serializers.Serializer[Any]):
    """A task and everything below it outside the trash, depth first."""

    results = TreeTaskSerializer(many=True)
    truncated = serializers.BooleanField(help_text="Whether there are more than 500.")

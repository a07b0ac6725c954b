"""The JSON shapes of projects, members and history."""

from __future__ import annotations

from rest_framework import serializers

from apps.common.serializers import InstantField
from apps.projects.models import Activity
from apps.users.serializers import PersonSerializer


class ActivitySerializer(serializers.ModelSerializer[Activity]):
    """An entry of the history: who changed what, old and new value per field."""

    actor = PersonSerializer(read_only=True, allow_null=True)
    task = serializers.IntegerField(source="task_id", read_only=True, allow_null=True)
    created_at = InstantField(read_only=True)

    class Meta:
        model = Activity
        fields = ("id", "actor", "verb", "task", "task_key", "changes", "created_at")
        read_only_fields = fields

"""The JSON shape of a task that is written under its key elsewhere."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from drf_spectacular.utils import extend_schema_serializer
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail

from apps.common.api.serializers import TextField
from apps.tasks.models import TITLE_LENGTH
from apps.tasks.serializers import ProjectReference, TaskUpdateSerializer


@extend_schema_serializer(component_name="ExternalTask")
class ExternalTaskSerializer(TaskUpdateSerializer):
    """The fields of a task that are to be so; what is left out stays, or has its default."""

    title = TextField(max_length=TITLE_LENGTH, required=False, help_text="Required for a new task.")
    project = ProjectReference(required=False, help_text="That of the path, if it is sent.")

    def validate_project(self, value: int) -> int:
        """Reject another project: the key would stay behind, and the same request make a second task."""
        if value != self.context["view"].project.pk:
            raise serializers.ValidationError("The path names the project; PATCH moves the task.", code="invalid")
        return value

    def faults(self, data: Mapping[str, Any]) -> dict[str, ErrorDetail]:
        found = super().faults(data)
        if self.context["is_new"] and "title" not in data:
            found["title"] = ErrorDetail("A new task needs a title.", code="required")
        return found

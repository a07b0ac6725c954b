"""What OpenAPI says of tasks: summaries, bodies, refusals, and fields that do not say it themselves."""

from __future__ import annotations

from typing import Any

from drf_spectacular.extensions import OpenApiSerializerFieldExtension
from drf_spectacular.utils import extend_schema

from apps.common.schema import refusals
from apps.projects.serializers import ActivitySerializer
from apps.tasks.serializers import AssignSerializer, StatisticsSerializer, StatusSerializer, TaskSerializer
from apps.users.serializers import PersonSerializer

BUSY = refusals({409: {"project_archived": "The project is archived, so its tasks are read-only."}})
CHANGED = {200: TaskSerializer} | BUSY

TASKS = {
    "list": extend_schema(
        summary="List tasks",
        description="Tasks of all projects of the caller, newest first. Archived ones only when asked for.",
    ),
    "create": extend_schema(
        summary="Create a task",
        description="Without `project` it goes to the caller's Inbox. It takes the project's next number.",
        responses={201: TaskSerializer} | BUSY,
    ),
    "retrieve": extend_schema(summary="Show a task"),
    "update": extend_schema(summary="Replace a task's fields", responses=CHANGED),
    "partial_update": extend_schema(
        summary="Change some of a task's fields",
        description="Another `project` moves the task: it takes a number there and loses an assignee who is no member.",
        responses=CHANGED,
    ),
    "destroy": extend_schema(summary="Delete a task with its files", responses={204: None} | BUSY),
    "assign": extend_schema(summary="Assign a task", request=AssignSerializer, responses=CHANGED),
    "change_status": extend_schema(
        summary="Move a task to another status",
        description="The same status again changes nothing and tells nobody.",
        request=StatusSerializer,
        responses=CHANGED,
    ),
    "archive": extend_schema(summary="Archive a task", request=None, responses=CHANGED),
    "unarchive": extend_schema(summary="Take a task out of the archive", request=None, responses=CHANGED),
    "statistics": extend_schema(
        summary="Count tasks",
        description="Figures over the tasks that the caller may see, narrowed by the filters of the list.",
        filters=True,
        responses=StatisticsSerializer,
    ),
}
HISTORY = extend_schema(summary="List a task's history", responses=ActivitySerializer(many=True))


class PersonReferenceSchema(OpenApiSerializerFieldExtension):  # type: ignore[no-untyped-call]
    """An assignee: read as a person, written as an id or as the person that was read."""

    target_class = "apps.tasks.serializers.PersonReference"

    def map_serializer_field(self, auto_schema: Any, direction: str) -> dict[str, Any]:
        if direction == "response":
            person: dict[str, Any] = auto_schema.resolve_serializer(PersonSerializer, direction).ref
            return {"allOf": [person], "nullable": True}
        identifier = {"type": "integer", "format": "int64", "minimum": 1, "maximum": 2**63 - 1}
        read = {"type": "object", "required": ["id"], "properties": {"id": identifier}}
        return {"oneOf": [identifier, read], "nullable": True}

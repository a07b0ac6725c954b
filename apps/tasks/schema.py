"""What OpenAPI says of tasks: summaries, examples, rejections, and a field that is read and written differently."""

from __future__ import annotations

from typing import Any

from drf_spectacular.extensions import OpenApiSerializerFieldExtension
from drf_spectacular.plumbing import ResolvedComponent
from drf_spectacular.utils import extend_schema

from apps.common.api.includes import include_parameter
from apps.common.api.serializers import ID_MAX
from apps.common.openapi.example_bodies import answer_example, request_example
from apps.common.openapi.fields import shared
from apps.common.openapi.schema import rejections
from apps.projects.schema import ARCHIVED, COLLEAGUE, PERSON, STALE
from apps.tasks.serializers import (
    AssignTaskSerializer,
    MoveTaskSerializer,
    SetTaskStatusSerializer,
    TaskChangesSerializer,
    TaskDetailSerializer,
    TaskPatchSerializer,
    TaskSerializer,
    TaskStatisticsSerializer,
)
from apps.users.serializers import PersonSerializer

TASK = {
    "id": 42,
    "key": "WEB-12",
    "number": 12,
    "project": 12,
    "title": "Fix the login page",
    "description": "The button does nothing on small screens.",
    "status": "todo",
    "priority": "high",
    "assigned_to": COLLEAGUE,
    "created_by": PERSON,
    "due_date": "2026-11-27T16:00:00Z",
    "duration": 90,
    "metadata": {"sprint": 7},
    "labels": [{"id": 4, "name": "bug", "color": "#c8473f"}],
    "attachments_count": 0,
    "comments_count": 0,
    "rank": "V0000000",
    "is_blocked": False,
    "is_archived": False,
    "completed_at": None,
    "version": 1,
    "created_at": "2026-11-20T08:00:00Z",
    "updated_at": "2026-11-20T08:00:00Z",
}
DETAIL = TASK | {"relations_count": 0, "is_watching": True, "watchers_count": 2}
NEXT = DETAIL | {"version": 2, "updated_at": "2026-11-20T09:00:00Z"}
STATISTICS = {
    "total": 4,
    "by_status": {"todo": 1, "in_progress": 1, "review": 0, "done": 2},
    "by_priority": {"low": 0, "medium": 3, "high": 1, "urgent": 0},
    "by_assignee": [{"user": COLLEAGUE, "total": 3, "open": 1, "overdue": 1}],
    "overdue": 1,
    "due_soon": 1,
    "unassigned": 1,
    "created_last_7_days": 3,
    "completed_last_7_days": 2,
    "completion_rate": 0.5,
    "average_completion_hours": 26.5,
}
HISTORY = {
    "id": 91,
    "actor": PERSON,
    "verb": "status_changed",
    "task": 42,
    "task_key": "WEB-12",
    "changes": {"status": {"from": "todo", "to": "review"}},
    "created_at": "2026-11-20T09:00:00Z",
    "seq": 346,
    "type": "task.updated",
    "origin": "api",
    "batch_id": None,
}
# What a write did beside the task itself (contract H4): only what applies
EFFECTS = {
    "type": "object",
    "description": "What a write did beside the task itself; only what applies.",
    "properties": {
        "batch_id": {"type": "string", "format": "uuid", "description": "Names the act where it can be undone."},
        "blocked_by_open": {
            "type": "integer",
            "description": "How many open tasks block the task that was set to `done`.",
        },
        "rebalanced": {
            "type": "boolean",
            "description": "True when neighbours got other ranks as well, to make room.",
        },
        "dropped_labels": {
            "type": "array",
            "items": {"type": "string"},
            "description": "Labels that the project to which the task moved had no room for.",
        },
    },
}
MOVED_TASK = NEXT | {"effects": {"batch_id": "019aa0c4-3f1e-7c31-9d5a-2f6b8f0f4e11", "dropped_labels": ["legal"]}}
REJECTED = rejections(STALE | {409: {"project_archived": ARCHIVED}})
FULL = "The task would have more than 20 labels; `limit` says how many it may have."
MOVED = rejections(
    STALE
    | {
        409: {
            "project_archived": ARCHIVED,
            "quota_exceeded": "The target has no room for the task's files.",
            "too_many_labels": FULL,
        }
    }
)

ANCHOR = (
    "The task beside which it should stand is in the trash, in another project, or has another status than the one "
    "asked for; `anchor` says where it is."
)


class PersonReferenceSchema(OpenApiSerializerFieldExtension):  # type: ignore[no-untyped-call]
    """Read as a person, written as an id or as what was read."""

    target_class = "apps.tasks.serializers.PersonReference"

    def map_serializer_field(self, auto_schema: Any, direction: str) -> dict[str, Any]:
        person: ResolvedComponent = auto_schema.resolve_serializer(PersonSerializer, "response")
        if direction == "response":
            reference: dict[str, Any] = person.ref
            return reference
        user_id = {"type": "integer", "format": "int64", "minimum": 1, "maximum": ID_MAX}
        either = {"oneOf": [user_id, person.ref], "description": "A person: their id, or the person as it was read."}
        return shared(auto_schema, "PersonReference", either)


class EffectsSchema(OpenApiSerializerFieldExtension):  # type: ignore[no-untyped-call]
    """An object of its own, that only answers have."""

    target_class = "apps.tasks.serializers.EffectsField"

    def map_serializer_field(self, auto_schema: Any, direction: str) -> dict[str, Any]:
        return shared(auto_schema, "TaskEffects", EFFECTS)


TASKS = {
    "list": extend_schema(
        summary="List tasks",
        description=(
            "The tasks of every project that the caller is a member of, newest first. Archived tasks and those of "
            "archived projects are left out, unless `archived=true` or an archived `project` is asked for."
        ),
        examples=[answer_example("A task", TASK)],
    ),
    "create": extend_schema(
        summary="Create a task",
        description=(
            "Without `project` the task goes to the caller's Inbox. The assignee is notified, and so are the owner "
            "and the admins of the project."
        ),
        request=TaskSerializer,
        examples=[
            request_example("A title is enough", {"title": "Fix the login page"}),
            request_example(
                "In a project, for somebody",
                {"project": 12, "title": "Fix the login page", "assigned_to": 8, "due_date": "2026-11-27T16:00:00Z"},
            ),
            answer_example("The task", DETAIL),
        ],
        responses={201: TaskDetailSerializer}
        | rejections({409: {"project_archived": ARCHIVED, "too_many_labels": FULL}}),
    ),
    "retrieve": extend_schema(
        summary="Get a task",
        description="With its `ETag`, for `If-Match` and `If-None-Match`.",
        parameters=[include_parameter("html", description="Adds `description_html`.")],
        examples=[answer_example("A task", DETAIL)],
    ),
    "update": extend_schema(
        summary="Replace a task",
        description="`title` is required; a field that is left out stays as it is. Another `project` moves the task.",
        request=TaskChangesSerializer,
        examples=[
            request_example("Several fields", {"title": "Fix the login page", "status": "review"}),
            answer_example("The task", NEXT),
        ],
        responses={200: TaskDetailSerializer} | MOVED,
    ),
    "partial_update": extend_schema(
        summary="Update a task",
        description=(
            "Changes the fields that are sent. Another `project` moves the task: the caller must be a member of "
            "both, the task gets the next number of its new project, its files move along, its labels by name, and an "
            "assignee who is no member there is removed. `labels` is the whole set; `labels_add` and `labels_remove` "
            "change it as it is by then."
        ),
        request=TaskPatchSerializer,
        examples=[
            request_example("Rename", {"title": "Fix the login page"}),
            request_example("Move", {"project": 13}),
            request_example("Labels", {"labels_add": [4], "labels_remove": [7]}),
            answer_example("The task", NEXT),
            answer_example("A task that moved", MOVED_TASK),
        ],
        responses={200: TaskDetailSerializer} | MOVED,
    ),
    "destroy": extend_schema(
        summary="Delete a task",
        description="With its files. Members delete tasks that they created, admins any. The number is not used again.",
        responses={204: None} | REJECTED,
    ),
    "assign": extend_schema(
        summary="Assign a task",
        description="To a member of its project, or to nobody. The new and the former assignee are notified.",
        request=AssignTaskSerializer,
        examples=[
            request_example("To somebody", {"assigned_to": 8}),
            request_example("To nobody", {"assigned_to": None}),
            answer_example("The task", NEXT),
        ],
        responses={200: TaskDetailSerializer} | REJECTED,
    ),
    "change_status": extend_schema(
        operation_id="setTaskStatus",
        summary="Set a task's status",
        description=(
            "Any status may follow any other; the same one again changes nothing and notifies nobody. `completed_at` "
            "is set while the status is `done`."
        ),
        request=SetTaskStatusSerializer,
        examples=[
            request_example("Done", {"status": "done"}),
            answer_example("The task", NEXT | {"status": "done", "completed_at": "2026-11-20T09:00:00Z"}),
        ],
        responses={200: TaskDetailSerializer} | REJECTED,
    ),
    "archive": extend_schema(
        summary="Archive a task",
        description="It no longer appears in lists, counts and reminders. Archiving it again changes nothing.",
        request=None,
        examples=[answer_example("The task", NEXT | {"is_archived": True})],
        responses={200: TaskDetailSerializer} | REJECTED,
    ),
    "unarchive": extend_schema(
        summary="Unarchive a task",
        description="It appears in lists, counts and reminders again.",
        request=None,
        examples=[answer_example("The task", NEXT)],
        responses={200: TaskDetailSerializer} | REJECTED,
    ),
    "move": extend_schema(
        summary="Move a task in the manual order",
        description=(
            "To a place in the order of all tasks of its project: directly after or before another task, or to an end. "
            "With `status`, place and status change as one act. The place alone changes neither `version` nor "
            "`updated_at`, and nobody is notified of it."
        ),
        request=MoveTaskSerializer,
        examples=[
            request_example("Behind a task of another column", {"after": 17, "status": "in_progress"}),
            request_example("To the top", {"position": "first"}),
            answer_example("The task", NEXT | {"status": "in_progress", "effects": {"rebalanced": True}}),
        ],
        responses={200: TaskDetailSerializer}
        | rejections(STALE | {409: {"project_archived": ARCHIVED, "anchor_moved": ANCHOR}}),
    ),
    "statistics": extend_schema(
        summary="Get statistics of tasks",
        description=(
            "Counts the tasks that match the filters, which are those of the list. `overdue` and `due_soon` leave "
            "out tasks that are done or archived."
        ),
        examples=[answer_example("Figures", STATISTICS)],
        filters=True,
        responses={200: TaskStatisticsSerializer},
    ),
}
TASK_HISTORY = {
    "list": extend_schema(
        summary="List a task's history",
        description=(
            "Newest first: who changed what, with the old and the new value of each field. Only what happened in "
            "projects that the caller is a member of: of a task that was moved, that may be a part."
        ),
        examples=[answer_example("A change", HISTORY)],
    )
}

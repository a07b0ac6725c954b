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
    ParentSerializer,
    SetTaskStatusSerializer,
    TaskDetailSerializer,
    TaskReplacementSerializer,
    TaskSerializer,
    TaskStatisticsSerializer,
    TaskUpdateSerializer,
)
from apps.tasks.subtasks.serializers import TreeSerializer
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
    "due_on": None,
    "duration": 90,
    "metadata": {"sprint": 7},
    "labels": [{"id": 4, "name": "bug", "color": "#c8473f"}],
    "parent": {"id": 40, "key": "WEB-10", "title": "Relaunch the shop", "status": "in_progress"},
    "subtasks": {"total": 0, "done": 0},
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
DETAIL = TASK | {"relations_count": 0, "is_watching": True, "watchers_count": 2, "external": None}
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
    "origin": "token",
    "token": {"id": 1, "name": "ci"},
    "batch_id": None,
}
NO_PARENT = TASK | {"id": 40, "key": "WEB-10", "number": 10, "title": "Relaunch the shop", "parent": None}
BATCH = "019aa0c4-3f1e-7c31-9d5a-2f6b8f0f4e11"
WITH_SUBTASKS = NEXT | {"parent": None, "subtasks": {"total": 3, "done": 0}}
DONE = {"status": "done", "completed_at": "2026-11-20T09:00:00Z"}
PLACED = {
    "cycle": "The parent is the task itself, or below it; `path` has the keys.",
    "graph_too_large": "Too many tasks depend on one another to look for a circle.",
    "parent_archived": "The parent is archived.",
    "too_deep": "The task, or what is below it, would be more than 5 levels below the root.",
    "too_many_subtasks": "The parent has 1,000 sub-tasks, or more than 500 tasks would move.",
}
NOT_FOR_NEW = ("cycle", "graph_too_large")
FULL = "The task would have more than 20 labels; `limit` says how many it may have."
OPEN_SUBTASKS = "The task has open sub-tasks, and the request or the project rejects that."
REJECTED = rejections(STALE | {409: {"project_archived": ARCHIVED}})
MOVED = rejections(
    STALE
    | {
        409: {
            "project_archived": ARCHIVED,
            "quota_exceeded": "The target has no room for the task's files.",
            "open_subtasks": OPEN_SUBTASKS,
            "too_many_labels": FULL,
            **PLACED,
        }
    }
)

ANCHOR = (
    "The task beside which it should stand is in the trash, in another project, or has another status or parent "
    "than asked for; `anchor` says where it is."
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


class ParentReferenceSchema(OpenApiSerializerFieldExtension):  # type: ignore[no-untyped-call]
    """Read as a task in short, written as an id or as what was read."""

    target_class = "apps.tasks.serializers.ParentReference"

    def map_serializer_field(self, auto_schema: Any, direction: str) -> dict[str, Any]:
        parent: ResolvedComponent = auto_schema.resolve_serializer(ParentSerializer, "response")
        if direction == "response":
            reference: dict[str, Any] = parent.ref
            return reference
        task_id = {"type": "integer", "format": "int64", "minimum": 1, "maximum": ID_MAX}
        either = {"oneOf": [task_id, parent.ref], "description": "A parent: its id, or the parent as it was read."}
        return shared(auto_schema, "ParentReference", either)


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
            "Without `project` the task goes to the project of its `parent`, or to the caller's Inbox. The assignee is "
            "notified, and so are the owner and the admins of the project."
        ),
        request=TaskSerializer,
        examples=[
            request_example("A title is enough", {"title": "Fix the login page"}),
            request_example(
                "In a project, for somebody",
                {"project": 12, "title": "Fix the login page", "assigned_to": 8, "due_date": "2026-11-27T16:00:00Z"},
            ),
            request_example("A sub-task", {"parent": 40, "title": "Fix the login page"}),
            answer_example("The task", DETAIL),
        ],
        responses={201: TaskDetailSerializer}
        | rejections(
            {
                409: {"project_archived": ARCHIVED, "too_many_labels": FULL}
                | {code: PLACED[code] for code in PLACED if code not in NOT_FOR_NEW}
            }
        ),
    ),
    "retrieve": extend_schema(
        summary="Get a task",
        description="With its `ETag`, for `If-Match` and `If-None-Match`.",
        parameters=[
            include_parameter("html", "rollup", description="Adds `description_html`, or figures of all below it.")
        ],
        examples=[
            answer_example("A task", DETAIL),
            answer_example(
                "With figures of all below it", DETAIL | {"rollup": {"total": 12, "done": 5, "duration": 960}}
            ),
        ],
    ),
    "update": extend_schema(
        summary="Replace a task",
        description="`title` is required; a field that is left out stays as it is. Another `project` moves the task.",
        request=TaskReplacementSerializer,
        examples=[
            request_example("Several fields", {"title": "Fix the login page", "status": "review"}),
            answer_example("The task", NEXT),
        ],
        responses={200: TaskDetailSerializer} | MOVED,
    ),
    "partial_update": extend_schema(
        summary="Update a task",
        description=(
            "Changes the fields that are sent. Another `project` moves the task with everything below it: the caller "
            "must be a member of both, the tasks get the next numbers of their new project, their files move along, "
            "their labels by name, and an assignee who is no member there is removed. `labels` is the whole set; "
            "`labels_add` and `labels_remove` change it as it is by then."
        ),
        request=TaskUpdateSerializer,
        examples=[
            request_example("Rename", {"title": "Fix the login page"}),
            request_example("Move", {"project": 13}),
            request_example("Due on a day", {"due_on": "2026-11-27"}),
            request_example("Make it a root", {"parent": None}),
            request_example("Labels", {"labels_add": [4], "labels_remove": [7]}),
            request_example("Close it with its sub-tasks", {"status": "done", "on_subtasks": "complete"}),
            answer_example("The task", NEXT),
        ],
        responses={200: TaskDetailSerializer} | MOVED,
    ),
    "destroy": extend_schema(
        summary="Delete a task",
        description=(
            "With its sub-tasks and files. Members delete tasks that they created, admins any. The number is not used "
            "again."
        ),
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
            request_example("Done with its sub-tasks", {"status": "done", "on_subtasks": "complete"}),
            answer_example("The task", NEXT | DONE),
            answer_example(
                "A task with three sub-tasks",
                WITH_SUBTASKS
                | DONE
                | {"subtasks": {"total": 3, "done": 3}, "effects": {"batch_id": BATCH, "subtasks_changed": 3}},
            ),
        ],
        responses={200: TaskDetailSerializer}
        | rejections(STALE | {409: {"project_archived": ARCHIVED, "open_subtasks": OPEN_SUBTASKS}}),
    ),
    "archive": extend_schema(
        summary="Archive a task",
        description=(
            "With everything below it, it no longer appears in lists, counts and reminders. Archiving it again changes "
            "nothing."
        ),
        request=None,
        examples=[answer_example("The task", NEXT | {"is_archived": True})],
        responses={200: TaskDetailSerializer} | REJECTED,
    ),
    "unarchive": extend_schema(
        summary="Unarchive a task",
        description="It appears in lists, counts and reminders again, with what was archived together with it.",
        request=None,
        examples=[answer_example("The task", NEXT)],
        responses={200: TaskDetailSerializer}
        | rejections(STALE | {409: {"project_archived": ARCHIVED, "parent_archived": PLACED["parent_archived"]}}),
    ),
    "tree": extend_schema(
        operation_id="getTaskTree",
        summary="Get a task with everything below it",
        description="All sub-tasks outside the trash, depth first and in their manual order, at most 500; not paged.",
        examples=[
            answer_example(
                "A tree", {"results": [NO_PARENT | {"depth": 0}, TASK | {"id": 43, "depth": 1}], "truncated": False}
            )
        ],
        responses={200: TreeSerializer},
    ),
    "move": extend_schema(
        summary="Move a task in the manual order",
        description=(
            "To a place in the order of all tasks of its project: directly after or before another task, or to an end. "
            "`status` and `parent` change in the same act. The place alone changes neither `version` nor "
            "`updated_at`, and nobody is notified of it."
        ),
        request=MoveTaskSerializer,
        examples=[
            request_example("Behind a task of another column", {"after": 17, "status": "in_progress"}),
            request_example("To the top", {"position": "first"}),
            answer_example("The task", NEXT | {"status": "in_progress", "effects": {"rebalanced": True}}),
        ],
        responses={200: TaskDetailSerializer}
        | rejections(
            STALE
            | {
                409: {
                    "project_archived": ARCHIVED,
                    "anchor_moved": ANCHOR,
                    "open_subtasks": OPEN_SUBTASKS,
                    "blocked": "An open task blocks it, and its project rejects setting it to `done` then.",
                    **PLACED,
                }
            }
        ),
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

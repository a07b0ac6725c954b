"""What OpenAPI says of the trash."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema

from apps.common.openapi.example_bodies import answer_example, request_example
from apps.common.openapi.schema import rejections
from apps.projects.schema import ARCHIVED, PERSON
from apps.projects.schema import DETAIL as PROJECT
from apps.tasks.schema import DETAIL as TASK
from apps.tasks.trash.serializers import (
    EmptiedSerializer,
    EmptyTrashSerializer,
    RestoredSerializer,
    RestoreTrashSerializer,
    TrashEntryDetailSerializer,
)

ENTRY = {
    "id": 5,
    "type": "task",
    "root": {"id": 42, "key": "WEB-12", "title": "Fix the login page"},
    "project": {"id": 12, "key": "WEB", "name": "Website"},
    "tasks_count": 1,
    "attachments_bytes": 48_211,
    "deleted_by": PERSON,
    "deleted_at": "2026-11-20T09:00:00Z",
    "purge_at": "2026-12-20T09:00:00Z",
    "origin": "api",
    "batch_id": "019aa0c4-3f1e-7c31-9d5a-2f6b8f0f4e11",
}
DETAIL = ENTRY | {"tasks": [{"id": 42, "key": "WEB-12", "title": "Fix the login page", "depth": 0}]}
FORBIDDEN = {
    403: {"permission_denied": "Only who deleted or created it, or an admin, may do this; a project: its owner."}
}
TAKEN = "The owner has another project with this key by now; `suggestion` is one that is free."


TRASH = {
    "list": extend_schema(
        summary="List the trash",
        description="What was deleted and the caller may restore, last deleted first.",
        examples=[answer_example("A task", ENTRY)],
    ),
    "retrieve": extend_schema(
        operation_id="getTrashEntry",
        summary="Get an entry of the trash",
        description="What one deletion took away, with the first 100 tasks.",
        responses={200: TrashEntryDetailSerializer} | rejections(FORBIDDEN),
        examples=[answer_example("A task", DETAIL)],
    ),
    "destroy": extend_schema(
        operation_id="purgeTrashEntry",
        summary="Purge an entry of the trash",
        description="Erases for good what a deletion took away, with its files.",
        responses={204: None} | rejections(FORBIDDEN | {409: {"project_archived": ARCHIVED}}),
    ),
    "restore": extend_schema(
        operation_id="restoreTrashEntry",
        summary="Restore an entry of the trash",
        description=(
            "Brings back all that one deletion took away, or nothing: a task with its number and files, a project with "
            "everything in it."
        ),
        request=RestoreTrashSerializer,
        responses={200: RestoredSerializer}
        | rejections(FORBIDDEN | {409: {"project_archived": ARCHIVED, "key_taken": TAKEN}}),
        examples=[
            request_example("As it was", {}),
            request_example("A project under another key", {"key": "WEBB"}),
            answer_example("A task", {"type": "task", "task": TASK | {"version": 3}}),
            answer_example(
                "A task whose assignee left meanwhile",
                {
                    "type": "task",
                    "task": TASK | {"version": 3, "assigned_to": None},
                    "effects": {"unassigned": ["WEB-12"]},
                },
            ),
            answer_example("A project", {"type": "project", "project": PROJECT | {"version": 3}}),
        ],
    ),
    "empty": extend_schema(
        operation_id="emptyTrash",
        summary="Empty the trash of a project",
        description="Purges every deleted task of one project; with `dry_run` it only counts. The project stays.",
        request=EmptyTrashSerializer,
        responses={200: EmptiedSerializer} | rejections(FORBIDDEN | {409: {"project_archived": ARCHIVED}}),
        examples=[
            request_example("Count first", {"project": 12, "dry_run": True}),
            answer_example(
                "What would go", {"entries": 3, "tasks": 7, "attachments_bytes": 1_048_576, "dry_run": True}
            ),
        ],
    ),
}

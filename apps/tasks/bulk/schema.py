"""What OpenAPI says of bulk changes and batches."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema

from apps.common.openapi.example_bodies import answer_example, request_example
from apps.common.openapi.schema import rejections
from apps.tasks.bulk.serializers import (
    BatchItemSerializer,
    BatchSerializer,
    BulkCreateSerializer,
    BulkResultSerializer,
    BulkSerializer,
    UndoSerializer,
)
from apps.tasks.filter_routes.schema import COSTLY

BATCH_ID = "019aa0c4-3f1e-7c31-9d5a-2f6b8f0f4e11"
CHANGED = {
    "id": 42,
    "key": "WEB-12",
    "result": "changed",
    "version": 8,
    "changes": {"priority": {"from": "low", "to": "high"}},
    "error": None,
}
NOT_FOUND = {
    "id": 99,
    "key": None,
    "result": "failed",
    "version": None,
    "changes": {},
    "error": {"code": "not_found", "detail": "Not found.", "pointer": None},
}
RESULT = {
    "batch_id": BATCH_ID,
    "mode": "best_effort",
    "dry_run": False,
    "counts": {"changed": 1, "unchanged": 0, "failed": 1, "conflict": 0},
    "results": [CHANGED, NOT_FOUND],
}
BATCH = {
    "id": BATCH_ID,
    "action": "update",
    "mode": "best_effort",
    "dry_run": False,
    "state": "done",
    "total": 2,
    "counts": RESULT["counts"],
    "created_at": "2026-11-20T09:00:00Z",
    "finished_at": "2026-11-20T09:00:00Z",
    "undo": {"is_possible": True, "until": "2026-11-21T09:00:00Z", "undone_by": None},
}
PENDING = BATCH | {
    "state": "pending",
    "total": 1200,
    "counts": {"changed": 0, "unchanged": 0, "failed": 0, "conflict": 0},
    "finished_at": None,
    "undo": {"is_possible": False, "until": None, "undone_by": None},
}
FAILED = {
    422: {
        "bulk_failed": "A task failed and the mode is `atomic`: nothing was changed. `results` and `counts` say which.",
        "idempotency_key_reused": "This Idempotency-Key was used with another request.",
    }
}
NOT_MINE = {403: {"permission_denied": "Somebody else did this; the caller sees one of its events."}}
NOT_UNDOABLE = "`reason` is `expired`, `already_undone`, `dry_run`, `running` or `nothing`."

bulk = extend_schema(
    operation_id="changeTasks",
    summary="Change many tasks",
    description=(
        "Each task is changed as by its own request, in the order of `ids`, or by ascending id for a `filter`. "
        "`dry_run` takes the same path and writes nothing. A filter that finds more than 200 tasks needs "
        "`best_effort`: they are changed in the background, at most 5,000. Tasks that are not visible, absent or in "
        "the trash fail alike with `not_found`."
    ),
    request=BulkSerializer,
    responses={200: BulkResultSerializer, 202: BatchSerializer} | rejections({422: FAILED[422] | COSTLY[422]}),
    examples=[
        request_example(
            "Raise the priority",
            {"ids": [42, 99], "action": "update", "changes": {"priority": "high"}, "mode": "best_effort"},
        ),
        request_example(
            "Everything that is overdue",
            {"filter": "overdue", "action": "complete", "mode": "best_effort", "dry_run": True},
        ),
        answer_example("Done", RESULT, statuses=(200,)),
        answer_example("More than 200 tasks", PENDING, statuses=(202,)),
    ],
)
bulk_create = extend_schema(
    operation_id="createTasks",
    summary="Create many tasks",
    description="Each task is created as by `POST /api/tasks/`, in the order of `tasks`.",
    request=BulkCreateSerializer,
    responses={200: BulkResultSerializer} | rejections(FAILED),
    examples=[
        request_example(
            "Two tasks",
            {"tasks": [{"title": "Write the text", "project": 12}, {"title": "Read it", "project": 12}]},
        ),
        answer_example("Done", RESULT | {"mode": "atomic"}, statuses=(200,)),
    ],
)
BATCHES = {
    "list": extend_schema(
        summary="List one's batches",
        description="What the caller has done to tasks and can be undone, or was; newest first.",
        examples=[answer_example("A batch", BATCH)],
    ),
    "retrieve": extend_schema(
        operation_id="getBatch",
        summary="Get a batch",
        description="How far it is, and whether it can be undone.",
        responses={200: BatchSerializer} | rejections(NOT_MINE),
        examples=[answer_example("A batch", BATCH)],
    ),
    "undo": extend_schema(
        operation_id="undoBatch",
        summary="Undo a batch",
        description=(
            "Brings back what the batch has changed, with best effort. A field that was changed since is left, and the "
            "task reported as `conflict`. The undo is a batch and can be undone."
        ),
        request=UndoSerializer,
        responses={200: BulkResultSerializer, 202: BatchSerializer}
        | rejections(NOT_MINE | {409: {"not_undoable": NOT_UNDOABLE}}),
        examples=[
            request_example("Try it", {"dry_run": True}),
            answer_example("Done", RESULT, statuses=(200,)),
            answer_example("More than 200 tasks", PENDING, statuses=(202,)),
        ],
    ),
}
RESULTS = {
    "list": extend_schema(
        operation_id="listBatchResults",
        summary="List the results of a batch",
        description="What became of each task, in the order of the work.",
        responses={200: BatchItemSerializer(many=True)} | rejections(NOT_MINE),
        examples=[answer_example("A task", CHANGED)],
    ),
}

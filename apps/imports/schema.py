"""What OpenAPI says of imports."""

from __future__ import annotations

from drf_spectacular.utils import OpenApiExample, extend_schema

from apps.common.openapi.example_bodies import answer_example, request_example
from apps.common.openapi.schema import rejections
from apps.imports.serializers import (
    ImportChangeSerializer,
    ImportRowSerializer,
    ImportRunSerializer,
    ImportSerializer,
    ImportUndoSerializer,
    ImportUploadSerializer,
)

ANALYSED = {
    "id": 7,
    "source": "csv",
    "project": 12,
    "file_name": "tasks.csv",
    "encoding": "utf-8",
    "state": "analysed",
    "counts": {"tasks": 2, "comments": 0, "labels": 1, "people": 1, "relations": 0},
    "columns": [
        {"index": 0, "header": "Name", "samples": ["Write the text", "Read it"]},
        {"index": 1, "header": "State", "samples": ["Doing"]},
    ],
    "mapping": {
        "columns": {"0": "title", "1": "status"},
        "statuses": {"Doing": "in_progress"},
        "priorities": {},
        "labels": {"web": "web"},
        "people": {"ann": 3},
        "dates": {"order": "iso", "timezone": "Europe/Berlin"},
    },
    "on_existing": "skip",
    "notify": False,
    "samples": [
        {
            "row": 1,
            "external_id": "PROJ-9",
            "title": "Write the text",
            "status": "Doing",
            "priority": "",
            "assignee": "ann",
            "labels": ["web"],
            "due": "2026-12-01",
            "comments": 0,
        }
    ],
    "warnings": [],
    "dry_run": False,
    "result": None,
    "batch_id": None,
    "undo_until": None,
    "created_at": "2026-11-20T08:00:00Z",
    "finished_at": None,
}
RUNNING = ANALYSED | {"state": "running"}
ROW = {
    "row": 17,
    "external_id": "PROJ-9",
    "result": "created",
    "task": 42,
    "errors": [],
    "warnings": ["Assignee `bob` is not a member."],
}
FAILED_ROW = {
    "row": 18,
    "external_id": "PROJ-10",
    "result": "failed",
    "task": None,
    "errors": [{"code": "required", "detail": "The row has no title."}],
    "warnings": [],
}
TRIED = ANALYSED | {
    "dry_run": True,
    "result": {"created": 1, "updated": 0, "unchanged": 0, "kept": 0, "skipped": 0, "failed": 1},
}
SHOWN = answer_example("An import", TRIED, statuses=(200,))
UPLOAD = OpenApiExample(
    "A file",
    value={"file": "(the bytes)", "source": "auto", "project": 12},
    request_only=True,
    media_type="multipart/form-data",
)
STATE = {"import_state": "The import, or another one of the project, is in the `state` that does not allow it."}
LOST = {410: {"import_expired": "The file of the import is not kept any more."}}

IMPORTS = {
    "list": extend_schema(
        summary="List imports",
        description="Those that the caller began, newest first; into projects only while they administer them.",
        examples=[SHOWN],
    ),
    "retrieve": extend_schema(
        summary="Get an import", description="How far it is, with the mapping.", examples=[SHOWN]
    ),
    "create": extend_schema(
        summary="Upload a file to import",
        description=(
            "The file is analysed and a mapping proposed; nothing is imported yet. Without a `project` the run makes "
            "a new one."
        ),
        request={"multipart/form-data": ImportUploadSerializer},
        responses={201: ImportSerializer},
        examples=[UPLOAD, answer_example("Analysed", ANALYSED, statuses=(201,))],
    ),
    "partial_update": extend_schema(
        summary="Change how a file is imported",
        description=(
            "Parts of the mapping, the character set that the file is read in, and what happens to tasks that are "
            "there already."
        ),
        request=ImportChangeSerializer,
        responses={200: ImportSerializer} | rejections({409: STATE} | LOST),
        examples=[
            request_example("A status", {"mapping": {"statuses": {"Doing": "in_progress"}}}),
            request_example("A character set", {"encoding": "windows-1251"}),
            request_example("How dates are written", {"mapping": {"dates": {"order": "day_first"}}}),
            SHOWN,
        ],
    ),
    "destroy": extend_schema(
        summary="Delete an import", description="With its file and what became of each row. Tasks stay."
    ),
    "run": extend_schema(
        operation_id="runImport",
        summary="Run an import",
        description="In the background. A dry run takes the same path, changes nothing and ends as `analysed`.",
        request=ImportRunSerializer,
        responses={202: ImportSerializer}
        | rejections({409: STATE | {"mapping_incomplete": "`missing` names what is not mapped yet."}}),
        examples=[
            request_example("Try it", {"dry_run": True}),
            answer_example("It runs", RUNNING, statuses=(202,)),
        ],
    ),
    "undo": extend_schema(
        operation_id="undoImport",
        summary="Undo an import",
        description=(
            "Created tasks go to the trash unless they were changed or commented on since; fields that were updated "
            "return. Possible for IMPORT_UNDO_DAYS."
        ),
        request=ImportUndoSerializer,
        responses={202: ImportSerializer}
        | rejections({409: STATE | {"not_undoable": "It changed nothing, or it has expired: `reason` says which."}}),
        examples=[answer_example("Undone", ANALYSED | {"state": "undone"}, statuses=(202,))],
    ),
}
ROWS = {
    "list": extend_schema(
        operation_id="listImportResults",
        summary="List the results of an import",
        description="What became of each row, in the order of the file.",
        responses={200: ImportRowSerializer(many=True)},
        examples=[answer_example("A row", ROW), answer_example("One that failed", FAILED_ROW)],
    ),
}

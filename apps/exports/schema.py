"""What OpenAPI says of exports."""

from __future__ import annotations

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema

from apps.common.openapi.example_bodies import answer_example, request_example
from apps.common.openapi.schema import rejections
from apps.exports.serializers import ExportSerializer

PENDING = {
    "id": 5,
    "scope": "project",
    "project": 12,
    "with_files": True,
    "state": "pending",
    "size": None,
    "sha256": None,
    "created_at": "2026-11-20T08:00:00Z",
    "expires_at": None,
    "url": None,
}
READY = PENDING | {
    "state": "ready",
    "size": 48213,
    "sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "expires_at": "2026-11-21T08:00:02Z",
    "url": "https://tasks.example.com/api/exports/5/download/",
}
SHOWN = answer_example("A ready export", READY, statuses=(200,))

EXPORTS = {
    "list": extend_schema(
        summary="List exports",
        description="Those that the caller asked for, newest first; of projects only while they administer them.",
        examples=[SHOWN],
    ),
    "retrieve": extend_schema(
        summary="Get an export",
        description="`state` is `pending` until it is `ready` or `failed`, and `expired` from its end on.",
        examples=[SHOWN],
    ),
    "create": extend_schema(
        summary="Create an export",
        description=(
            "Everything in a project, for its admins, or of the caller's account: built in the background as "
            "a zip with one file of JSON lines per type, from one snapshot. The caller is notified when it is ready."
        ),
        examples=[
            request_example("A project", {"scope": "project", "project": 12, "with_files": True}),
            request_example("The account", {"scope": "account"}),
            answer_example("Accepted", PENDING, statuses=(202,)),
        ],
        responses={202: ExportSerializer},
    ),
    "destroy": extend_schema(summary="Delete an export", description="With its file."),
    "download": extend_schema(
        operation_id="downloadExport",
        summary="Download an export",
        description="The zip, whatever `Accept` says: `manifest.json` and one NDJSON file per type.",
        responses={(200, "application/octet-stream"): OpenApiTypes.BINARY}
        | rejections(
            {
                409: {"export_not_ready": "The export is still being built, or has failed."},
                410: {"export_expired": "The export was kept for its time and is gone."},
            }
        ),
    ),
}

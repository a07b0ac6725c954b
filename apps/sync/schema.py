"""What OpenAPI says of sync."""

from __future__ import annotations

from drf_spectacular.utils import OpenApiParameter, extend_schema

from apps.common.openapi.example_bodies import answer_example, request_example
from apps.common.openapi.schema import rejections
from apps.sync.parameters import PROJECTS_MAX
from apps.sync.serializers import SyncPageSerializer, SyncSerializer, SyncStateSerializer

PAGE = {
    "changes": [
        {
            "type": "comment",
            "op": "upsert",
            "id": 81,
            "project": 3,
            "seq": 345,
            "data": {
                "id": 81,
                "task": 42,
                "body": "Done on staging.",
                "author": 8,
                "version": 1,
                "edits_count": 0,
                "created_at": "2026-11-20T09:00:00Z",
                "edited_at": None,
                "is_deleted": False,
            },
        },
        {"type": "label", "op": "delete", "id": 8, "project": 3, "seq": 346, "replaced_by": 7},
        {"type": "project", "op": "delete", "id": 4},
    ],
    "people": [{"id": 8, "username": "anna", "nickname": "Anna", "avatar": None}],
    "next": "AQUA:3vZ",
    "has_more": False,
    "me_changed": False,
}
SYNC = extend_schema(
    tags=["sync"],
    operation_id="sync",
    summary="Continue a copy",
    description=(
        "What has changed in the projects that the caller sees, in order, and what stands in those that are new to the "
        "copy. Nothing is written: the same token gives what has changed since, however often it is used."
    ),
    request=SyncSerializer,
    examples=[
        request_example("A new copy", {}),
        request_example("What has changed", {"since": "AQUA:3vZ", "limit": 500}),
        answer_example("A page", PAGE),
    ],
    responses={200: SyncPageSerializer}
    | rejections(
        {
            400: {"wrong_token": "The token is none of the service's, or another person's, or of other types."},
            410: {"sync_reset": "The database was restored, or the service has other shapes: begin a new copy."},
        }
    ),
)
STATE = extend_schema(
    tags=["sync"],
    operation_id="getSyncState",
    summary="Get the state of sync",
    description=(
        "Whether there is something new: the number of the last event of each project that the caller sees, and a "
        "digest of what is personal. One small request; with `If-None-Match` an unchanged state is a 304."
    ),
    parameters=[
        OpenApiParameter(
            "projects",
            {
                "type": "array",
                "items": {"type": "integer", "format": "int64", "minimum": 1},
                "maxItems": PROJECTS_MAX,
            },
            description="Only these projects; repeat the parameter. One that the caller does not see is left out.",
        ),
    ],
    examples=[
        answer_example("Two projects", {"projects": {"3": 345, "12": 7}, "me": "5d41402abc4b2a76b9719d911017c592"})
    ],
    responses={200: SyncStateSerializer},
)

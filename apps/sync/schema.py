"""What OpenAPI says of sync."""

from __future__ import annotations

from drf_spectacular.utils import OpenApiParameter, extend_schema

from apps.common.openapi.example_bodies import answer_example
from apps.sync.parameters import PROJECTS_MAX
from apps.sync.serializers import SyncStateSerializer

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

"""What the OpenAPI schema says about the list of tasks as a table."""

from __future__ import annotations

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse, extend_schema

from apps.common.openapi.schema import rejections

TABLE = (
    "key,title,description,status,priority,assigned_to,created_by,due_date,due_on,duration_minutes,labels,parent,"
    "attachments,created_at,updated_at,completed_at,project,archived\r\n"
    "WEB-12,Fix the login page,,todo,high,bob,ada,2026-11-27T16:00:00Z,,90,bug,WEB-10,0,2026-11-20T08:00:00Z,"
    "2026-11-20T08:00:00Z,,WEB,false\r\n"
)
EXPORT = extend_schema(
    operation_id="exportTasks",
    summary="Export tasks as CSV",
    description=(
        "The tasks that the list shows with the same parameters, in its order and not in pages: CSV (RFC 4180) in "
        "UTF-8 with a byte order mark, whatever `Accept` says. Projects and parents are keys, people usernames. Text "
        "that a spreadsheet would run as a formula begins with `'`."
    ),
    filters=True,
    parameters=[
        OpenApiParameter("format", {"type": "string", "pattern": "^csv$"}, description="Only `csv` is supported."),
        OpenApiParameter("ordering", str, description="As in the list."),
    ],
    responses={
        (200, "text/csv"): OpenApiResponse(
            OpenApiTypes.STR, examples=[OpenApiExample("Two lines", value=TABLE, response_only=True)]
        )
    }
    | rejections(
        {
            422: {
                "too_many_rows": "More than `limit` tasks.",
                "filter_too_costly": "The database needs too long for the filter.",
            }
        }
    ),
)

"""What OpenAPI says of reports."""

from __future__ import annotations

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiResponse, extend_schema

from apps.common.openapi.example_bodies import answer_example
from apps.common.openapi.schema import rejections
from apps.reports.serializers import ReportSerializer

PERSON = {"id": 7, "username": "ada", "nickname": "Ada", "avatar": None}
PENDING = {
    "id": 5,
    "status": "pending",
    "created_by": PERSON,
    "created_at": "2026-11-20T08:00:00Z",
    "finished_at": None,
    "summary": None,
    "url": None,
}
READY = PENDING | {
    "status": "ready",
    "finished_at": "2026-11-20T08:00:02Z",
    "summary": {
        "total": 3,
        "by_status": {"todo": 1, "in_progress": 1, "review": 0, "done": 1},
        "by_priority": {"low": 0, "medium": 2, "high": 1, "urgent": 0},
        "by_assignee": [{"user": PERSON, "total": 2, "open": 1, "overdue": 0}],
        "overdue": 0,
        "due_soon": 1,
        "unassigned": 1,
        "created_last_7_days": 3,
        "completed_last_7_days": 1,
        "completion_rate": 0.3333,
        "average_completion_hours": 4.5,
    },
    "url": "https://tasks.example.com/api/projects/12/reports/5/download/",
}
TABLE = (
    "key,title,status,priority,assigned_to,created_by,due_date,due_on,duration_minutes,labels,parent,"
    "attachments,created_at,updated_at,completed_at\r\n"
    "WEB-1,Fix the login page,todo,high,ada,ada,,,90,bug,,0,2026-11-20T07:00:00Z,2026-11-20T07:00:00Z,\r\n"
)
SHOWN = answer_example("A ready report", READY, statuses=(200,))

REPORTS = {
    "list": extend_schema(summary="List the reports of a project", description="Newest first.", examples=[SHOWN]),
    "retrieve": extend_schema(
        summary="Get a report",
        description="`status` is `pending` until the report is `ready` or `failed`.",
        examples=[SHOWN],
    ),
    "create": extend_schema(
        summary="Create a report",
        description=(
            "It is built in the background from the tasks of the project that are not archived. The caller is notified "
            "when it is ready."
        ),
        request=None,
        examples=[answer_example("Accepted", PENDING, statuses=(202,))],
        responses={202: ReportSerializer},
    ),
    "download": extend_schema(
        operation_id="downloadProjectReport",
        summary="Download a report",
        description=(
            "The tasks as CSV (RFC 4180) in UTF-8 with a byte order mark, whatever `Accept` says. Text that a "
            "spreadsheet would run as a formula begins with `'`."
        ),
        responses={
            (200, "text/csv"): OpenApiResponse(
                OpenApiTypes.STR, examples=[OpenApiExample("Two lines", value=TABLE, response_only=True)]
            )
        }
        | rejections({409: {"report_not_ready": "The report is still being built, or has failed."}}),
    ),
}

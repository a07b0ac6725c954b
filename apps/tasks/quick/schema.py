"""What OpenAPI says of quick add."""

from __future__ import annotations

from drf_spectacular.utils import OpenApiResponse, extend_schema

from apps.common.openapi.example_bodies import answer_example, request_example
from apps.common.openapi.schema import rejections
from apps.tasks.quick.serializers import QuickSerializer, QuickTaskSerializer
from apps.tasks.schema import DETAIL

TEXT = "Pay rent tomorrow 9:00 ^HOME #bills !high"
READ = {
    "task": None,
    "fields": {
        "title": "Pay rent",
        "due_date": "2026-11-21T08:00:00Z",
        "project": 12,
        "labels": ["bills"],
        "priority": "high",
    },
    "tokens": [
        {"text": "tomorrow 9:00", "position": 9, "length": 13, "field": "due_date", "value": "2026-11-21T08:00:00Z"},
        {"text": "^HOME", "position": 23, "length": 5, "field": "project", "value": 12},
        {"text": "#bills", "position": 29, "length": 6, "field": "labels", "value": "bills"},
        {"text": "!high", "position": 36, "length": 5, "field": "priority", "value": "high"},
    ],
    "warnings": [],
}
MADE = READ | {
    "task": DETAIL | {"title": "Pay rent", "due_date": "2026-11-21T08:00:00Z", "description": "", "parent": None}
}
ARCHIVED = {409: {"project_archived": "The project is archived."}}

QUICK = extend_schema(
    operation_id="quickAddTask",
    summary="Create a task from one line of text",
    description=(
        '`^WEB` names the project, `#bug` or `#"two words"` a label (made if it is missing), `@ann` the assignee, '
        "`!low` to `!urgent` the priority; a date is `today`, `friday`, `next week`, `in 3 days`, `2026-12-24`, "
        "`24 Dec`, with a time such as `9:00`, `9am`, `at 9`. A `\\` before a sign keeps it as text. The rest is the "
        "title; what is not understood stays in it, with a warning. `dry_run` says how a text is read."
    ),
    request=QuickSerializer,
    responses={
        200: OpenApiResponse(QuickTaskSerializer, description="How the text is read; nothing was written."),
        201: QuickTaskSerializer,
    }
    | rejections(ARCHIVED),
    examples=[
        request_example("A task", {"text": TEXT}),
        request_example("How it is read, without the label", {"text": TEXT, "dry_run": True, "ignore": [29]}),
        answer_example("A dry run", READ, statuses=(200,)),
        answer_example("The task", MADE, statuses=(201,)),
    ],
)

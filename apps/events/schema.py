"""What OpenAPI says of events."""

from __future__ import annotations

from drf_spectacular.utils import OpenApiParameter, extend_schema

from apps.common.openapi.example_bodies import answer_example
from apps.common.openapi.schema import rejections
from apps.events.parameters import LIMIT, LIMIT_MAX, SEQ_MAX
from apps.events.serializers import CloudEventSerializer, StreamTicketSerializer
from apps.projects.events import EventType
from apps.projects.schema import PERSON

EVENT = {
    "specversion": "1.0",
    "id": "019a9f0e-5b7c-7a52-9d3e-6b1c2d4e5f60",
    "source": "/projects/12",
    "type": "task.updated",
    "subject": "task/345",
    "time": "2026-11-20T09:00:00Z",
    "datacontenttype": "application/json",
    "sequence": "00000000000000000345",
    "data": {
        "project": {"id": 12, "key": "WEB"},
        "seq": 345,
        "batch_id": None,
        "actor": PERSON,
        "origin": "api",
        "object": {"type": "task", "id": 345, "key": "WEB-7", "version": 8},
        "object_ids": None,
        "changes": {"status": {"from": "todo", "to": "done"}},
        "left_filter": False,
        "truncated": False,
    },
}

PROJECT_EVENTS = {
    "list": extend_schema(
        operation_id="listProjectEvents",
        summary="Read the events of a project",
        description=(
            "In their order, from the one after `after` on: a client that asks again after the last `seq` it has read "
            'misses none. `Link` with `rel="next"` names the address of what follows, while there is more. The answer '
            "is a CloudEvents batch, in `application/json` only for clients that take nothing else."
        ),
        parameters=[
            OpenApiParameter(
                "after",
                {"type": "integer", "format": "int64", "minimum": 0, "maximum": SEQ_MAX, "default": 0},
                description="The `seq` of the last event that the client has.",
            ),
            OpenApiParameter(
                "types",
                {"type": "array", "items": {"type": "string", "enum": [one.value for one in EventType]}},
                description="Only events of these types; repeat the parameter. All, unless it is sent.",
            ),
            OpenApiParameter(
                "limit",
                {"type": "integer", "minimum": 1, "maximum": LIMIT_MAX, "default": LIMIT},
                description="The largest number of events in the answer.",
            ),
        ],
        examples=[answer_example("A task that was done", EVENT)],
        responses={200: CloudEventSerializer(many=True)}
        | rejections(
            {
                410: {
                    "events_expired": (
                        "Events after `after` were deleted by age, or `after` is above the project's last number, as "
                        "after a restore; `oldest` is the oldest that can be read."
                    )
                }
            }
        ),
    )
}

TICKET = extend_schema(
    tags=["events"],
    operation_id="createStreamTicket",
    summary="Get a ticket for the stream",
    description=(
        "For browsers, whose EventSource sends no header: open the stream with `?ticket=…` within 30 seconds. "
        "It ends with the session or API token that the ticket was asked for with."
    ),
    request=None,
    examples=[answer_example("A ticket", {"ticket": "pZ3…", "expires_at": "2026-11-20T09:00:30Z"})],
    responses={201: StreamTicketSerializer},
)

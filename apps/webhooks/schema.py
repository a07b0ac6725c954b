"""What OpenAPI says of webhooks: summaries, examples, errors."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema

from apps.common.openapi.example_bodies import answer_example, request_example
from apps.common.openapi.schema import rejections
from apps.projects.schema import ARCHIVED, PERSON, STALE
from apps.webhooks.serializers import (
    DeliveryDetailSerializer,
    DeliverySerializer,
    RedeliveredSerializer,
    RedeliverSerializer,
    WebhookSerializer,
)

WEBHOOK: dict[str, Any] = {
    "id": 7,
    "url": "https://hooks.example.com/tasks",
    "events": ["task.*", "comment.created"],
    "filter": "priority >= high",
    "payload": "full",
    "description": "The team's channel",
    "state": "active",
    "disabled_reason": None,
    "failing_since": None,
    "last_success_at": "2026-11-20T09:30:01Z",
    "created_by": PERSON,
    "version": 1,
    "created_at": "2026-11-20T08:00:00Z",
    "updated_at": "2026-11-20T08:00:00Z",
}
NEW = WEBHOOK | {"last_success_at": None, "secret": "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"}
WRITTEN = {name: WEBHOOK[name] for name in ("url", "events", "filter", "payload", "description")}
DELIVERY: dict[str, Any] = {
    "id": 90,
    "event_id": "019344a5-0c1e-7d61-9c0b-6f2c1b8e4a10",
    "type": "task.updated",
    "state": "sent",
    "attempts": 1,
    "next_attempt_at": None,
    "response_code": 204,
    "took_ms": 84,
    "error": "",
    "created_at": "2026-11-20T09:30:00Z",
    "finished_at": "2026-11-20T09:30:01Z",
    "redelivery_of": None,
}
DETAIL = DELIVERY | {
    "request_headers": {
        "content-type": "application/json",
        "user-agent": "Taskhouse-Webhook/1",
        "webhook-id": DELIVERY["event_id"],
        "webhook-timestamp": "1795685401",
    },
    "request_body": '{"type":"task.updated","timestamp":"2026-11-20T09:30:00Z","data":{}}',
    "response_body": "",
}
PENDING = DELIVERY | {
    "id": 91,
    "state": "pending",
    "attempts": 0,
    "next_attempt_at": "2026-11-20T10:00:00Z",
    "response_code": None,
    "took_ms": None,
    "created_at": "2026-11-20T10:00:00Z",
    "finished_at": None,
    "redelivery_of": 90,
}
INVALID = {400: {"filter_invalid": "The filter is not valid; `errors` says what is wrong with it, and where."}}
STOPPED = "The webhook is disabled."
REJECTED = STALE | {409: {"project_archived": ARCHIVED}}
NOT_NOW = {
    409: {
        "project_archived": ARCHIVED,
        "webhook_disabled": STOPPED,
        "conflict": "A test, or a delivery of this event, is under way.",
    }
}

WEBHOOKS = {
    "list": extend_schema(
        summary="List the webhooks of a project",
        description="For admins of the project, newest first.",
        examples=[answer_example("A webhook", WEBHOOK)],
    ),
    "create": extend_schema(
        summary="Create a webhook",
        description=(
            "Every committed event of these types is sent to the URL, signed as Standard Webhooks say. The `secret` "
            "is shown in this answer alone. An address that is not public is rejected unless the installation's "
            "settings name it."
        ),
        examples=[
            request_example("Everything", {"url": "https://hooks.example.com/all", "events": ["*"]}),
            request_example("Some tasks", WRITTEN),
            answer_example("The webhook", NEW),
        ],
        responses={201: WebhookSerializer}
        | rejections(
            INVALID
            | {409: {"project_archived": ARCHIVED, "too_many_webhooks": "The project has `limit` webhooks already."}}
        ),
    ),
    "retrieve": extend_schema(
        summary="Get a webhook",
        description="With its `ETag`, and without its secret.",
        examples=[answer_example("A webhook", WEBHOOK)],
    ),
    "partial_update": extend_schema(
        summary="Update a webhook",
        description="Changes the fields that are sent. Another URL keeps the secret.",
        examples=[
            request_example("Other events", {"events": ["task.created"]}),
            answer_example("The webhook", WEBHOOK | {"events": ["task.created"], "version": 2}),
        ],
        responses={200: WebhookSerializer} | rejections(INVALID | REJECTED),
    ),
    "destroy": extend_schema(
        summary="Delete a webhook",
        description="With its log. What waits is not sent.",
        responses={204: None} | rejections(REJECTED),
    ),
    "rotate_secret": extend_schema(
        operation_id="rotateProjectWebhookSecret",
        summary="Change a webhook's secret",
        description="The answer shows the new one, this once. For 24 hours the old one signs along.",
        request=None,
        examples=[answer_example("The webhook", NEW | {"version": 2})],
        responses={200: WebhookSerializer} | rejections(REJECTED),
    ),
    "enable": extend_schema(
        summary="Enable a webhook",
        description="It gets events from now on; `missed` counts those since it was disabled, for `redeliver/`.",
        request=None,
        examples=[answer_example("The webhook", WEBHOOK | {"missed": 12, "version": 3})],
        responses={200: WebhookSerializer} | rejections(INVALID | REJECTED),
    ),
    "disable": extend_schema(
        summary="Disable a webhook",
        description="It gets nothing any more; what waits has failed.",
        request=None,
        examples=[
            answer_example("The webhook", WEBHOOK | {"state": "disabled", "disabled_reason": "manual", "version": 2})
        ],
        responses={200: WebhookSerializer} | rejections(REJECTED),
    ),
    "send_test": extend_schema(
        operation_id="testProjectWebhook",
        summary="Test a webhook",
        description="Sends a fixed body of type `webhook.test` at once, and only once.",
        request=None,
        examples=[
            answer_example("The delivery", PENDING | {"type": "webhook.test", "redelivery_of": None}, statuses=(202,))
        ],
        responses={202: DeliverySerializer} | rejections(STALE | NOT_NOW),
    ),
    "redeliver": extend_schema(
        summary="Send events again",
        description=(
            "Sends the events of a span of time from the log, with their old ids: those `missing` a successful "
            "delivery, also from the time when it was disabled or not yet there; those that `failed`; or `all`. "
            "At most 10,000, else `too_many` at `/since`."
        ),
        request=RedeliverSerializer,
        examples=[
            request_example("What was missed", {"since": "2026-11-19T00:00:00Z"}),
            answer_example("How many", {"count": 12}, statuses=(202,)),
        ],
        responses={202: RedeliveredSerializer}
        | rejections(INVALID | STALE | {409: {"project_archived": ARCHIVED, "webhook_disabled": STOPPED}}),
    ),
}
DELIVERIES = {
    "list": extend_schema(
        summary="List the deliveries of a webhook",
        description="Newest first, for as long as the installation keeps them.",
        examples=[answer_example("A delivery", DELIVERY)],
    ),
    "retrieve": extend_schema(
        summary="Get a delivery",
        description="With what was sent and answered at its last attempt.",
        examples=[answer_example("A delivery", DETAIL)],
        responses={200: DeliveryDetailSerializer},
    ),
    "redeliver": extend_schema(
        summary="Send a delivery again",
        description="As a delivery of its own with the same event id; the object is shown as it is then.",
        request=None,
        examples=[answer_example("The delivery", PENDING, statuses=(202,))],
        responses={202: DeliverySerializer} | rejections(NOT_NOW),
    ),
}

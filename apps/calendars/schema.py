"""What OpenAPI says of calendar feeds."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema

from apps.calendars.serializers import ShownFeedSerializer
from apps.common.openapi.example_bodies import answer_example, request_example
from apps.common.openapi.schema import rejections

FEED = {
    "id": 4,
    "name": "My dates",
    "view": None,
    "as": "event",
    "details": False,
    "created_at": "2026-11-20T08:00:00Z",
    "last_used_at": None,
}
ADDRESS = "https://tasks.example.com/ical/4pXh2jQ0Zk8mR1vT6yB3nL9cW5sD7gF2aH4eK6uJ8oP.ics"
MADE = FEED | {"url": ADDRESS}
SHOWN = answer_example("A feed", FEED, statuses=(200,))

FEEDS = {
    "list": extend_schema(
        summary="List calendar feeds",
        description="The caller's, newest first, without their addresses.",
        examples=[SHOWN],
    ),
    "retrieve": extend_schema(
        summary="Get a calendar feed", description="Without its address, which is shown once.", examples=[SHOWN]
    ),
    "create": extend_schema(
        summary="Create a calendar feed",
        description=(
            "Tasks with a date as a calendar that programs subscribe to. Whoever has `url` reads it without logging "
            "in; only its digest is stored, so it is shown this once."
        ),
        examples=[
            request_example("My open tasks", {"name": "My dates"}),
            request_example("A view, for two kinds of programs", {"name": "Releases", "view": 7, "as": "both"}),
            answer_example("Made", MADE, statuses=(201,)),
        ],
        responses={201: ShownFeedSerializer} | rejections({409: {"conflict": "There are 20 feeds already."}}),
    ),
    "partial_update": extend_schema(
        summary="Update a calendar feed",
        description="What it shows; its address stays.",
        examples=[request_example("With descriptions", {"details": True}), SHOWN],
    ),
    "destroy": extend_schema(summary="Delete a calendar feed", description="Its address is 404 from now on."),
    "regenerate": extend_schema(
        operation_id="regenerateCalendarFeed",
        summary="Give a calendar feed another address",
        description="The one before is 404 from now on.",
        request=None,
        examples=[answer_example("With its new address", MADE, statuses=(200,))],
        responses={200: ShownFeedSerializer},
    ),
}

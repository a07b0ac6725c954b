"""HTTP for calendar feeds: what their owners do with them, and the calendars that programs read."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.db.models import DateTimeField, F, QuerySet
from django.http import HttpResponse
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework.decorators import action
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response

from apps.calendars import schema, services
from apps.calendars.models import CalendarFeed
from apps.calendars.reading import entries_of
from apps.calendars.rendering import calendar_of, etag_of
from apps.calendars.serializers import CalendarFeedSerializer, ShownFeedSerializer
from apps.common.addresses import address_key
from apps.common.api.idempotency import idempotent
from apps.common.api.rates import require_rate
from apps.common.api.token_scopes import not_for_tokens
from apps.common.api.views import DestroyMixin, ListMixin, RetrieveMixin, ScopedViewSet
from apps.common.concurrency import none_match
from apps.common.errors import NotFoundError
from apps.common.lists.ordering import OrderKey
from apps.common.transactions import run_write
from apps.users.views.base import NO_STORE, PublicView

CONTENT_TYPE = "text/calendar; charset=utf-8"
CACHED = "private, max-age=300"


@extend_schema(tags=["calendar-feeds"])
@extend_schema_view(**schema.FEEDS)
class CalendarFeedViewSet(ListMixin, RetrieveMixin, DestroyMixin, ScopedViewSet[CalendarFeed]):
    """The caller's calendar feeds. No API token makes one: it would outlive the token."""

    http_method_names = ["get", "post", "patch", "delete", "head", "options"]
    serializer_class = CalendarFeedSerializer
    filterset_class = None
    permission_classes = [IsAuthenticated]
    token_scopes = not_for_tokens
    shown_once = ("url",)
    throttle_scopes = dict.fromkeys(("create", "regenerate", "partial_update", "destroy"), "write")
    ordering_keys = {"created_at": OrderKey(F("created_at"), kind=DateTimeField)}
    default_ordering = "-created_at"

    def scope(self) -> QuerySet[CalendarFeed]:
        return CalendarFeed.objects.filter(user=self.actor)

    @idempotent
    def create(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        fields = self.validated(request)
        return run_write(lambda: with_address(services.create_feed(actor=self.actor, **fields), HTTPStatus.CREATED))

    def partial_update(self, request: Request, **kwargs: str) -> HttpResponse:
        feed = self.get_object()
        changes = self.validated(request, feed, partial=True)
        return self.answer_write(lambda: services.update_feed(feed=feed, changes=changes))

    def delete_row(self, feed: CalendarFeed) -> None:
        services.delete_feed(feed=feed)

    @action(detail=True, methods=["post"])
    def regenerate(self, request: Request, pk: str) -> HttpResponse:
        feed = self.get_object()
        return run_write(lambda: with_address(services.regenerate_feed(feed=feed), HTTPStatus.OK))


class CalendarView(PublicView):
    """The calendar behind a secret address, whatever Accept says (contract IC3)."""

    http_method_names = ["get", "head", "options"]

    def perform_content_negotiation(self, request: Request, force: bool = False) -> Any:
        return super().perform_content_negotiation(request, force=True)

    @extend_schema(exclude=True)
    def get(self, request: Request, token: str) -> HttpResponse:
        feed = self.found(token)
        require_rate("ical", f"feed:{feed.pk}")
        services.note_use(feed)
        entries = entries_of(feed)
        etag = etag_of(feed, entries)
        headers = {"ETag": etag, "Cache-Control": CACHED}
        if none_match(request, etag):
            return HttpResponse(status=HTTPStatus.NOT_MODIFIED, headers=headers)
        return HttpResponse(calendar_of(feed, entries), content_type=CONTENT_TYPE, headers=headers)

    def found(self, token: str) -> CalendarFeed:
        """Return the feed of a secret; whoever tries secrets that open nothing is limited by address."""
        try:
            return services.find_feed(token)
        except NotFoundError:
            require_rate("token", address_key(self.request))
            raise


def with_address(made: services.NewAddress, status: int) -> Response:
    """Return a feed with its address, this once."""
    made.feed.url = address_of(made.secret)  # type: ignore[attr-defined]
    return Response(ShownFeedSerializer(made.feed).data, status=status, headers=NO_STORE)


def address_of(secret: str) -> str:
    """Return the address of a calendar."""
    return f"{settings.PUBLIC_URL}/ical/{secret}.ics"

"""HTTP for what a person is notified: the list in the app, reading marks, and the unsubscribe page."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.db.models import DateTimeField, F, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.decorators import method_decorator
from django.views import View
from django.views.decorators.csrf import csrf_exempt
from drf_spectacular.utils import OpenApiExample, extend_schema, extend_schema_view
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from apps.common.api.token_scopes import needs
from apps.common.api.views import RetrieveMixin, ScopedViewSet
from apps.common.language.choosing import speaking, vary_by_language
from apps.common.lists.ordering import OrderKey
from apps.common.lists.reads import PreparedListMixin
from apps.notifications import schema, services  # noqa: F401 - the schema registers itself
from apps.notifications.filters import NotificationFilter
from apps.notifications.listed import listed
from apps.notifications.models import Notification, NotificationQuerySet
from apps.notifications.scopes import beside_rows, readable
from apps.notifications.serializers import (
    EXAMPLE,
    NotificationSerializer,
    ReadCountSerializer,
    UnreadCountSerializer,
    texts_of,
    with_texts,
)
from apps.notifications.unsubscribe import read_token

SHOWN = OpenApiExample("A notification", value=EXAMPLE, response_only=True)


@extend_schema(tags=["notifications"])
@extend_schema_view(
    list=extend_schema(
        summary="List notifications",
        description="Newest first, without those of projects that the caller has left.",
        examples=[SHOWN],
    ),
    retrieve=extend_schema(summary="Get a notification", description="One of the caller's own.", examples=[SHOWN]),
)
class NotificationViewSet(PreparedListMixin, RetrieveMixin, ScopedViewSet[Notification]):
    """What the caller finds in the app."""

    serializer_class = NotificationSerializer
    filterset_class = NotificationFilter
    token_scopes = needs("notifications:read", "notifications:write")
    ordering_keys = {"created_at": OrderKey(F("created_at"), kind=DateTimeField)}
    default_ordering = "-created_at"

    def scope(self) -> NotificationQuerySet:
        return Notification.objects.of(self.actor).filter(readable(self.actor))

    def selected(self, rows: QuerySet[Any, Any]) -> tuple[QuerySet[Any, Any], Sequence[str]]:
        return with_texts(rows)

    def beside(self) -> Sequence[QuerySet[Any, Any]]:
        return beside_rows()

    def written(self, rows: Sequence[tuple[Any, ...]]) -> Iterable[str]:
        """Make the words in Python: only the kinds know them."""
        return texts_of(listed(rows, self.actor))

    @extend_schema(
        operation_id="markNotificationRead",
        summary="Mark a notification as read",
        description="Marking it again changes nothing.",
        request=None,
        examples=[SHOWN],
    )
    @action(detail=True, methods=["post"])
    def read(self, request: Request, pk: str) -> HttpResponse:
        """Note the time of reading; a second time changes nothing."""
        row = self.get_object()
        return self.answer_write(lambda: services.mark_read(row))

    @extend_schema(
        operation_id="markNotificationUnread",
        summary="Mark a notification as unread",
        description="Marking it again changes nothing.",
        request=None,
        examples=[SHOWN],
    )
    @action(detail=True, methods=["post"])
    def unread(self, request: Request, pk: str) -> HttpResponse:
        """Make it unread again."""
        row = self.get_object()
        return self.answer_write(lambda: services.mark_unread(row))

    @extend_schema(
        operation_id="markAllNotificationsRead",
        summary="Mark all notifications as read",
        description="The answer says how many were unread.",
        request=None,
        responses=ReadCountSerializer,
        filters=False,
        examples=[OpenApiExample("Three were unread", value={"read": 3}, response_only=True)],
    )
    @action(detail=False, methods=["post"], url_path="read-all", pagination_class=None, filter_backends=[])
    def read_all(self, request: Request) -> Response:
        """Mark everything that is unread; answers how many that were."""
        return Response({"read": services.mark_all_read(self.scope())})

    @extend_schema(
        operation_id="countUnreadNotifications",
        summary="Count unread notifications",
        description="Without those of projects that the caller has left.",
        responses=UnreadCountSerializer,
        filters=False,
        examples=[OpenApiExample("Two are unread", value={"unread": 2}, response_only=True)],
    )
    @action(detail=False, methods=["get"], url_path="unread-count", pagination_class=None, filter_backends=[])
    def unread_count(self, request: Request) -> Response:
        """For the badge on the bell."""
        return Response({"unread": self.scope().unread().count()})


@method_decorator(csrf_exempt, name="dispatch")
class UnsubscribeView(View):
    """The page behind a mail's link. GET shows a button; POST acts (RFC 8058), without login or cookies.

    The token is the permission: whoever has the mail may switch off its kind, and nothing else.
    """

    http_method_names = ["get", "head", "post"]

    def get(self, request: HttpRequest, token: str) -> HttpResponse:
        return self._page(request, token, done=False)

    def post(self, request: HttpRequest, token: str) -> HttpResponse:
        subscription = read_token(token)
        if subscription is not None:
            services.unsubscribe(subscription)
        return self._page(request, token, done=True)

    def _page(self, request: HttpRequest, token: str, *, done: bool) -> HttpResponse:
        subscription = read_token(token)
        context: dict[str, Any] = {"kind": subscription and subscription.kind, "done": done}
        status = 200 if subscription else 404
        with speaking("", request):
            answer = vary_by_language(render(request, "notifications/unsubscribe.html", context, status=status))
        answer["Cache-Control"] = "no-store"
        answer["Referrer-Policy"] = "no-referrer"  # the address is a secret
        return answer

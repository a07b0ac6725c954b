"""HTTP for the live stream: tickets, and what the routes of the stream answer in the web process."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from django.conf import settings
from rest_framework.authentication import BaseAuthentication
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.settings import api_settings
from rest_framework.views import APIView

from apps.common.api.throttling import ScopedThrottle
from apps.common.api.token_scopes import needs, require_declared_scope
from apps.common.dates.instants import utc
from apps.common.errors import UnavailableError
from apps.common.lists.filters import require_known_parameters
from apps.common.origin import enter
from apps.events import schema
from apps.events.renderers import EventStreamRenderer
from apps.events.tickets import issue_ticket, use_ticket
from apps.sync.views import SyncStateView
from apps.tokens.authentication import door_of
from apps.users.credentials.authentication import REALM
from apps.users.services import find_page_session

RETRY_AFTER = 30  # seconds


def unavailable() -> UnavailableError:
    """Return the rejection of a stream that cannot be opened now: clients poll `sync/state/` instead."""
    return UnavailableError(
        "No stream can be opened now: poll /api/sync/state/.", code="stream_unavailable", retry_after=RETRY_AFTER
    )


class TicketAuthentication(BaseAuthentication):
    """Reads `?ticket=`, for browsers: an EventSource sends no header."""

    def authenticate(self, request: Request) -> tuple[Any, Any] | None:
        value = request.query_params.get("ticket")
        if value is None:
            return None
        ticket = use_ticket(value)
        if ticket.token is None:
            return ticket.user, ticket.session
        require_declared_scope(request.parser_context["view"], str(request.method), ticket.token.scopes)
        projects = ticket.token.token_projects.values_list("project_id", flat=True)
        enter(door_of(ticket.token, list(projects)))
        return ticket.user, ticket.token

    def authenticate_header(self, request: Request) -> str:
        return REALM


class PageCookieAuthentication(BaseAuthentication):
    """Reads the cookie of the pages; only for their own stream and state, which change nothing."""

    def authenticate(self, request: Request) -> tuple[Any, Any] | None:
        value = request.COOKIES.get(settings.PAGE_COOKIE_NAME, "")
        session = find_page_session(value) if value else None
        return None if session is None else (session.user, session)

    def authenticate_header(self, request: Request) -> str:
        return REALM


class TicketView(APIView):
    """Tickets of the stream."""

    throttle_classes = [ScopedThrottle]
    throttle_scope = "stream"
    token_scopes = needs(write="events:read")

    @schema.TICKET
    def post(self, request: Request) -> Response:
        value, expires_at = issue_ticket(user=request.user, credential=request.auth)  # type: ignore[arg-type]
        answer = {"ticket": value, "expires_at": utc(expires_at)}
        return Response(answer, status=HTTPStatus.CREATED, headers={"Cache-Control": "no-store"})


class StreamView(APIView):
    """The stream. Its own process serves it; everywhere else there is none (contract SR5).

    It is not in the OpenAPI document, whose clients know no stream: docs/events.md describes it.
    """

    schema = None

    authentication_classes = [TicketAuthentication, *api_settings.DEFAULT_AUTHENTICATION_CLASSES]  # type: ignore[list-item]
    renderer_classes = [EventStreamRenderer, JSONRenderer]
    throttle_classes = [ScopedThrottle]
    throttle_scope = "stream"
    token_scopes = needs("events:read")

    def get(self, request: Request) -> Response:
        require_known_parameters(request, {"ticket"})
        raise unavailable()


class PageStreamView(StreamView):
    """The stream of the pages."""

    authentication_classes = [PageCookieAuthentication]


class PageStateView(SyncStateView):
    """What pages look at where there is no stream: the state, by their cookie (contract PG9)."""

    schema = None
    authentication_classes = [PageCookieAuthentication]

    def finalize_response(self, request: Request, response: Response, *arguments: Any, **named: Any) -> Response:
        response.headers.setdefault("Cache-Control", "private, no-store")
        return super().finalize_response(request, response, *arguments, **named)

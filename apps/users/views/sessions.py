"""HTTP for logins: tokens given, exchanged and taken back."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from django.db.models import DateTimeField, F, QuerySet
from django.utils import timezone
from rest_framework.exceptions import NotAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.common.addresses import client_address
from apps.common.api.token_scopes import not_for_tokens
from apps.common.api.views import DestroyMixin, ListMixin, ScopedViewSet
from apps.common.lists.ordering import OrderKey
from apps.users import schema, services
from apps.users.credentials import tokens
from apps.users.models import Session
from apps.users.serializers import (
    LoginSerializer,
    LogoutSerializer,
    ProfileSerializer,
    RefreshTokensSerializer,
    SessionSerializer,
)
from apps.users.views.base import NO_STORE, PublicView


class LoginView(PublicView):
    """Opens a session."""

    throttle_scope = "login"

    @schema.login
    def post(self, request: Request) -> Response:
        fields = self.body(LoginSerializer)
        address = client_address(request)
        user = services.check_credentials(**fields, ip_address=address)
        device = request.META.get("HTTP_USER_AGENT", "")
        session = services.open_session(user=user, ip_address=address, device=device)
        answer = tokens.pair(session) | {"user": ProfileSerializer(session.user).data}
        return Response(answer, headers=NO_STORE)


class RefreshView(PublicView):
    """Moves a session on."""

    throttle_scope = "refresh"

    @schema.refresh
    def post(self, request: Request) -> Response:
        claims = tokens.RefreshToken.read(self.body(RefreshTokensSerializer)["refresh"])
        return Response(tokens.pair(services.refresh_session(claims=claims)), headers=NO_STORE)


@schema.obtain_token_pair
class TokenView(LoginView):
    """Login at the address that Simple JWT's clients know."""


@schema.refresh_token_pair
class TokenRefreshView(RefreshView):
    """Refresh at the address that Simple JWT's clients know."""


class LogoutView(PublicView):
    """Ends a session. The body's refresh token counts first: then an access token may be stale or missing."""

    throttle_scope = "token"

    @schema.logout
    def post(self, request: Request) -> Response:
        refresh = self.body(LogoutSerializer).get("refresh")
        services.log_out(session=_of_refresh(refresh) if refresh else _of_access(request))
        return Response(status=HTTPStatus.NO_CONTENT)


def _of_refresh(refresh: str) -> Session:
    return services.find_session(tokens.RefreshToken.read(refresh))


def _of_access(request: Request) -> Session:
    for way in APIView.authentication_classes:
        if found := way().authenticate(request):  # that of API tokens says that this is not for them
            session: Session = found[1]
            return session
    raise NotAuthenticated


@schema.sessions
class SessionViewSet(ListMixin, DestroyMixin, ScopedViewSet[Session]):
    """The caller's live sessions."""

    serializer_class = SessionSerializer
    filterset_class = None
    token_scopes = not_for_tokens
    throttle_scopes = {"destroy": "token", "revoke_others": "token"}
    ordering_keys = {
        "created_at": OrderKey(F("created_at"), kind=DateTimeField),
        "last_seen_at": OrderKey(F("last_seen_at"), kind=DateTimeField),
    }
    default_ordering = "-created_at"

    def scope(self) -> QuerySet[Session]:
        return Session.objects.live(now=timezone.now()).filter(user=self.actor)

    def delete_row(self, session: Session) -> None:
        services.revoke_session(actor=self.actor, session=session)

    @schema.revoke_others
    def revoke_others(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        services.revoke_other_sessions(actor=self.actor, session=request.auth)  # type: ignore[arg-type]
        return Response(status=HTTPStatus.NO_CONTENT)

"""Authenticates requests by API token, and judges its scopes before anything is looked up.

A token is accepted here alone, so an operation that names no scope cannot be reached with one.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import cache
from hmac import compare_digest

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef
from django.utils import timezone
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from apps.common.addresses import client_address
from apps.common.api.rates import require_rate
from apps.common.api.token_scopes import require_declared_scope
from apps.common.origin import Door, Origin, enter
from apps.common.sql.statements import Parameter, Statement, instance
from apps.tokens import secrets
from apps.tokens.models import ApiToken, ApiTokenProject
from apps.users.credentials.authentication import REALM, USER_COLUMNS, bearer_of
from apps.users.credentials.tokens import INVALID
from apps.users.models import User

USED_EVERY = timedelta(minutes=1)
TOKEN_COLUMNS = [field.attname for field in ApiToken._meta.concrete_fields]


class ApiTokenAuthentication(BaseAuthentication):
    """Finds an API token, its person and its projects in one query; `request.auth` is the token.

    It comes before the authentication by access token and leaves those to it.
    """

    def authenticate(self, request: Request) -> tuple[User, ApiToken] | None:
        text = bearer_of(request)
        if text is None or not text.startswith(secrets.PREFIX.encode()):
            return None
        token, projects = live_token(text)
        require_rate("api_token", f"token:{token.pk}")
        require_declared_scope(request.parser_context["view"], str(request.method), token.scopes)
        enter(door_of(token, projects))
        _note_use(token, client_address(request), now=timezone.now())
        return token.user, token

    def authenticate_header(self, request: Request) -> str:
        return REALM


def door_of(token: ApiToken, projects: list[int]) -> Door:
    """Return the door through which the token's requests act."""
    return Door(
        Origin.TOKEN,
        token_id=token.pk,
        user_id=token.user_id,
        scopes=frozenset(token.scopes),
        projects=None if token.all_projects else tuple(projects),
    )


def live_token(text: bytes) -> tuple[ApiToken, list[int]]:
    """Return the token and its projects; AuthenticationFailed for all other texts, a wrong checksum without a query."""
    reading = secrets.read(text)
    rows = _statement().run({"token": reading.token_id}) if reading else []
    if reading is None or not rows:
        raise AuthenticationFailed(INVALID, code="token_not_valid")
    *columns, projects = rows[0]
    user = instance(User, USER_COLUMNS, columns[len(TOKEN_COLUMNS) :])
    token = instance(ApiToken, TOKEN_COLUMNS, columns[: len(TOKEN_COLUMNS)], user=user)
    if not _is_live(token, reading.digest, now=timezone.now()):
        raise AuthenticationFailed(INVALID, code="token_not_valid")
    return token, projects


def _is_live(token: ApiToken, digest: bytes, *, now: datetime) -> bool:
    known = [token.digest]
    if token.previous_digest is not None and token.previous_valid_until(now=now):
        known.append(token.previous_digest)
    return (
        any(compare_digest(bytes(each), digest) for each in known)
        and token.revoked_at is None
        and token.expires_at > now
        and token.user.is_active
    )


@cache
def _statement() -> Statement:
    listed = ApiTokenProject.objects.filter(token=OuterRef("pk")).values("project_id")
    tokens = ApiToken.objects.filter(pk=Parameter("token")).annotate(_projects=ArraySubquery(listed))
    columns = [*TOKEN_COLUMNS, *(f"user__{name}" for name in USER_COLUMNS)]
    return Statement(tokens.values_list(*columns, "_projects"))


def _note_use(token: ApiToken, address: str, *, now: datetime) -> None:
    """Write time and address of the use, at most once a minute."""
    if token.last_used_at is None or token.last_used_at < now - USED_EVERY:
        ApiToken.objects.unused_since(now - USED_EVERY).filter(pk=token.pk).used(at=now, address=address)

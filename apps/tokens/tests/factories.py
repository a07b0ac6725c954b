"""API tokens for tests."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from rest_framework.test import APIClient

from apps.projects.models import Project
from apps.tokens import services
from apps.tokens.models import ApiToken
from apps.users.models import User


def make_token(
    user: User, *, scopes: Iterable[str] = ("full",), projects: Iterable[Project] | None = None, **fields: Any
) -> services.NewToken:
    """Return a token of a person and its text; without projects it has all of them."""
    listed = [project.pk for project in projects or ()]
    reach = {"all_projects": True} if projects is None else {"projects": listed}
    return services.create_token(actor=user, name="script", scopes=scopes, **reach, **fields)


def client_with(text: str, **headers: str) -> APIClient:
    """Return a client that asks with this token."""
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {text}", **headers)
    return client


def script(user: User, **options: Any) -> APIClient:
    """Return a client with a new token."""
    return client_with(make_token(user, **options).text)


def stored(made: services.NewToken) -> ApiToken:
    """Return the token's row as it is now."""
    return ApiToken.objects.get(pk=made.token.pk)

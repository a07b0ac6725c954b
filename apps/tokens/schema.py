"""What OpenAPI says of API tokens: how they authenticate, summaries, examples, errors."""

from __future__ import annotations

from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.utils import extend_schema

from apps.common.api.token_scopes import needed_scope
from apps.common.openapi.example_bodies import answer_example, request_example
from apps.common.openapi.schema import rejections
from apps.tokens.serializers import (
    ApiTokenSerializer,
    NewApiTokenSerializer,
    RotateTokenSerializer,
    ShownTokenSerializer,
)

TOKEN: dict[str, Any] = {
    "id": 1,
    "name": "ci",
    "scopes": ["tasks:read"],
    "all_projects": False,
    "projects": [12],
    "hint": "x7Qe",
    "created_at": "2026-03-02T09:00:00Z",
    "expires_at": "2026-05-31T09:00:00Z",
    "last_used_at": None,
    "last_used_ip": None,
    "previous_valid_until": None,
}
TEXT = {"token": "thp_1_…"}
NEW = {"name": "ci", "scopes": ["tasks:read"], "projects": [12], "password": "correct horse battery staple"}
LOCKED = {429: {"too_many_failures": "Too many wrong passwords."}}
FULL = {409: {"too_many_tokens": "There are `limit` live tokens already."}}


class ApiTokenScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """A bearer that lets a script in; OpenAPI 3.1 lets an operation name the scopes that it needs."""

    target_class = "apps.tokens.authentication.ApiTokenAuthentication"
    name = "apiToken"
    priority = 1

    def get_security_requirement(self, auto_schema: Any) -> dict[str, list[str]] | list[dict[str, list[str]]]:
        scope = needed_scope(auto_schema.view, auto_schema.method)
        return {self.name: [scope]} if scope else []

    def get_security_definition(self, auto_schema: Any) -> dict[str, Any]:
        return {
            "type": "http",
            "scheme": "bearer",
            "bearerFormat": "thp_…",
            "description": "An API token. What an operation lists with it are the scopes that the token needs.",
        }


TOKENS = {
    "list": extend_schema(
        operation_id="listApiTokens",
        summary="List one's API tokens",
        description="Those that still work, newest first.",
        examples=[answer_example("A token", TOKEN)],
    ),
    "create": extend_schema(
        operation_id="createApiToken",
        summary="Create an API token",
        description=(
            "`token` is shown in this answer alone. Give it either `projects` or `all_projects`. It never allows more "
            "than its owner may do, and a mail says that it was made."
        ),
        request=NewApiTokenSerializer,
        responses={201: ShownTokenSerializer} | rejections(FULL | LOCKED),
        examples=[request_example("For a script that reads", NEW), answer_example("The token", TOKEN | TEXT)],
    ),
    "retrieve": extend_schema(
        operation_id="getApiToken",
        summary="Get an API token",
        description="One of the caller's own, as long as it works.",
        examples=[answer_example("A token", TOKEN)],
    ),
    "partial_update": extend_schema(
        operation_id="updateApiToken",
        summary="Rename an API token",
        description="Scopes, projects and end stay as they were made.",
        examples=[
            request_example("Another name", {"name": "nightly"}),
            answer_example("The token", TOKEN | {"name": "nightly"}),
        ],
        responses={200: ApiTokenSerializer},
    ),
    "destroy": extend_schema(
        operation_id="revokeApiToken",
        summary="Revoke an API token",
        description="It lets nobody in from the next request on.",
        responses={204: None},
    ),
    "rotate": extend_schema(
        operation_id="rotateApiToken",
        summary="Rotate an API token",
        description=(
            "The token gets a new text, shown in this answer alone. The former one works for `overlap_hours` more; a "
            "second rotation ends it."
        ),
        request=RotateTokenSerializer,
        responses={200: ShownTokenSerializer} | rejections(LOCKED),
        examples=[
            request_example("Within the hour", {"overlap_hours": 1, "password": "correct horse battery staple"}),
            answer_example("The token", TOKEN | {"previous_valid_until": "2026-03-02T10:00:00Z"} | TEXT),
        ],
    ),
}

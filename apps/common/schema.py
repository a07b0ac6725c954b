"""OpenAPI: what every operation has in common, said once."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiExample, OpenApiResponse
from rest_framework import serializers
from rest_framework.permissions import AllowAny, IsAuthenticated

from apps.common import schema_filters  # noqa: F401 - registers itself
from apps.common.problems import CONTENT_TYPE as PROBLEM_TYPE
from apps.common.problems import problem

OPEN_TO_ALL = {AllowAny, IsAuthenticated}  # permissions that give no 403


class ProblemErrorSerializer(serializers.Serializer[Any]):
    """One bad field."""

    pointer = serializers.CharField(help_text="JSON Pointer (RFC 6901) into the body.")
    code = serializers.CharField()
    detail = serializers.CharField()


class ProblemSerializer(serializers.Serializer[Any]):
    """An error answer (RFC 9457)."""

    type = serializers.CharField()
    title = serializers.CharField()
    status = serializers.IntegerField()
    detail = serializers.CharField()
    code = serializers.CharField(help_text="Stable; the list is in docs/api.md.")
    instance = serializers.CharField()
    request_id = serializers.CharField()
    errors = ProblemErrorSerializer(many=True, required=False)  # type: ignore[assignment]


class ProblemSchema(AutoSchema):
    """Adds the error answers that an operation can give, and says so once for all views.

    What only one operation refuses stands with it: `responses={204: None} | refusals({409: ...})`.
    """

    def usual_refusals(self) -> set[int]:
        """Return the statuses that follow from what the operation is: its path, body, limits and permissions."""
        statuses = {HTTPStatus.BAD_REQUEST, HTTPStatus.NOT_ACCEPTABLE, HTTPStatus.SERVICE_UNAVAILABLE}
        if self.get_auth():
            statuses |= {HTTPStatus.UNAUTHORIZED}
        if any(type(permission) not in OPEN_TO_ALL for permission in self.view.get_permissions()):
            statuses |= {HTTPStatus.FORBIDDEN}
        if "{" in self.path:
            statuses |= {HTTPStatus.NOT_FOUND}
        if self.method in {"POST", "PUT", "PATCH"}:
            statuses |= {HTTPStatus.REQUEST_ENTITY_TOO_LARGE, HTTPStatus.UNSUPPORTED_MEDIA_TYPE}
        if getattr(self.view, "throttle_scope", None) or getattr(self.view, "throttle_scopes", None):
            statuses |= {HTTPStatus.TOO_MANY_REQUESTS}
        return {int(status) for status in statuses}

    def _get_response_bodies(self, direction: Any = "response") -> dict[str, Any]:
        bodies: dict[str, Any] = super()._get_response_bodies(direction)
        for status in self.usual_refusals():
            bodies.setdefault(str(status), self._refusal(status))
        return dict(sorted(bodies.items()))

    def _refusal(self, status: int) -> dict[str, Any]:
        schema = self.resolve_serializer(ProblemSerializer, "response").ref
        return {"content": {PROBLEM_TYPE: {"schema": schema}}, "description": HTTPStatus(status).phrase}


def refusals(codes: Mapping[int, Mapping[str, str]]) -> dict[tuple[int, str], OpenApiResponse]:
    """Return entries for `extend_schema(responses=...)`: {status: {code: when}} as error answers with examples."""
    answers = {}
    for status, meanings in codes.items():
        answers[status, PROBLEM_TYPE] = OpenApiResponse(
            ProblemSerializer,
            description=" ".join(f"`{code}`: {when}" for code, when in meanings.items()),
            examples=[_example(status, code, when) for code, when in meanings.items()],
        )
    return answers


def _example(status: int, code: str, when: str) -> OpenApiExample:
    body = problem(status, code, when, instance="/api/")
    return OpenApiExample(code, value=body | {"request_id": "5f0c1d"}, response_only=True, status_codes=[str(status)])

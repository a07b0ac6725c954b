"""`GET /api/`: where everything is."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema, inline_serializer
from rest_framework import serializers
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

LINKS = {
    "profile": "auth/profile/",
    "projects": "projects/",
    "tasks": "tasks/",
    "statistics": "tasks/statistics/",
    "notifications": "notifications/",
    "schema": "schema/",
    "documentation": "schema/swagger-ui/",
    "reference": "schema/redoc/",
}


class ApiLinks(APIView):
    """The links of the API."""

    authentication_classes: list[Any] = []
    permission_classes = [AllowAny]

    @extend_schema(
        summary="List the links",
        auth=[],
        tags=["api"],
        responses=inline_serializer("Links", {name: serializers.URLField() for name in LINKS}),
    )
    def get(self, request: Request) -> Response:
        """Return the address of each part of the API."""
        return Response({name: request.build_absolute_uri(path) for name, path in LINKS.items()})

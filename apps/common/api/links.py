"""`GET /api/`: where everything is."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiExample, extend_schema, inline_serializer
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
    "batches": "batches/",
    "views": "views/",
    "exports": "exports/",
    "calendar_feeds": "calendar-feeds/",
    "imports": "imports/",
    "trash": "trash/",
    "schema": "schema/",
    "documentation": "schema/swagger-ui/",
    "reference": "schema/redoc/",
}

EXAMPLE_HOST = "https://tasks.example.com"


class ApiLinks(APIView):
    """The links of the API."""

    authentication_classes: list[Any] = []
    permission_classes = [AllowAny]

    @extend_schema(
        operation_id="getLinks",
        summary="List the parts of the API",
        description="The addresses of the main collections and of the documentation.",
        auth=[],
        tags=["service"],
        responses=inline_serializer("ApiLinks", {name: serializers.URLField() for name in LINKS}),
        examples=[
            OpenApiExample("The links", {name: f"https://tasks.example.com/api/{path}" for name, path in LINKS.items()})
        ],
    )
    def get(self, request: Request) -> Response:
        """Return the address of each part of the API."""
        return Response({name: request.build_absolute_uri(path) for name, path in LINKS.items()})

"""Which renderer answers a request."""

from __future__ import annotations

from collections.abc import Iterable

from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request

ANYTHING = "*/*"


class ContentNegotiation(DefaultContentNegotiation):
    """Django REST Framework's; what nearly every client sends needs no parsing of media types."""

    def select_renderer(
        self, request: Request, renderers: Iterable[BaseRenderer], format_suffix: str | None = None
    ) -> tuple[BaseRenderer, str]:
        first, *others = renderers
        if not others and request.META.get("HTTP_ACCEPT", ANYTHING) in {ANYTHING, first.media_type}:
            return first, first.media_type
        chosen: tuple[BaseRenderer, str] = super().select_renderer(request, [first, *others], format_suffix)
        return chosen

"""Which form an answer takes: JSON, without weighing what nearly every client sends."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request

JSON = "application/json"
# What browsers' scripts, curl and the HTTP libraries ask for; all of it is met by JSON.
USUAL = frozenset({"*/*", JSON, "application/json, */*", "application/json, text/plain, */*"})


class ContentNegotiation(DefaultContentNegotiation):
    """The framework's rules (406 for what no renderer makes), which the usual headers need not go through."""

    def select_renderer(
        self, request: Request, renderers: Iterable[BaseRenderer], format_suffix: str | None = None
    ) -> tuple[BaseRenderer, str]:
        first = next(iter(renderers))
        if first.media_type == JSON and format_suffix is None and request.META.get("HTTP_ACCEPT", "*/*") in USUAL:
            return first, JSON
        chosen: tuple[Any, str] = super().select_renderer(request, renderers, format_suffix)
        return chosen

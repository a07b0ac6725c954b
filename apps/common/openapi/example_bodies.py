"""Examples of requests and answers, as every app's schema shows them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from drf_spectacular.utils import OpenApiExample


def request_example(name: str, value: Any) -> OpenApiExample:
    """Return an example of a body that is sent."""
    return OpenApiExample(name, value=value, request_only=True)


def answer_example(name: str, value: Any, *, statuses: Iterable[int] = (200, 201)) -> OpenApiExample:
    """Return an example of an answer, for those of `statuses` that the operation has."""
    return OpenApiExample(name, value=value, response_only=True, status_codes=[str(status) for status in statuses])

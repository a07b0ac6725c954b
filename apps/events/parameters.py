"""The query parameters of the event feed."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import QueryDict
from rest_framework.request import Request

from apps.common.errors import FieldError, ValidationError, collect_faults
from apps.common.lists.filters import require_known_parameters
from apps.projects.events import EventType

KNOWN = frozenset({"after", "types", "limit"})
LIMIT_MAX, LIMIT = 500, 100
SEQ_MAX = 2**63 - 1


@dataclass(frozen=True)
class FeedParameters:
    """What is asked for: events after this number, of these types (none: of all), at most so many."""

    after: int
    types: tuple[str, ...]
    limit: int


def read_parameters(request: Request) -> FeedParameters:
    """Return the parameters of the request; raises ValidationError with all that is wrong with them."""
    query = request.query_params
    _, after, types, limit = collect_faults(
        lambda: require_known_parameters(request, KNOWN, several={"types"}),
        lambda: _number(query, "after", least=0, most=SEQ_MAX, default=0),
        lambda: _types(query),
        lambda: _number(query, "limit", least=1, most=LIMIT_MAX, default=LIMIT),
    )
    return FeedParameters(after, types, limit)


def _number(query: QueryDict, name: str, *, least: int, most: int, default: int) -> int:
    text = query.get(name)
    if text is None:
        return default
    if not (text.isascii() and text.isdigit() and len(text) <= len(str(SEQ_MAX)) and least <= int(text) <= most):
        raise ValidationError.at(f"/{name}", "invalid", f"{name} is a number from {least} to {most}.")
    return int(text)


def _types(query: QueryDict) -> tuple[str, ...]:
    types = tuple(dict.fromkeys(query.getlist("types")))
    if not set(types) <= set(EventType):
        raise ValidationError(
            FieldError("/types", "invalid_choice", f"types are among {', '.join(EventType)}; repeat the parameter.")
        )
    return types

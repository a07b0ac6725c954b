"""Fields of a project's detail that higher apps add, which know tables that this app does not: filled in `ready()`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from rest_framework.serializers import Field

MakeField = Callable[[], Field[Any, Any, Any, Any]]

_made_by: dict[str, MakeField] = {}


def register_detail_field(name: str, make: MakeField) -> None:
    """Show a read-only field in the detail of a project; `make` returns it, with its own `json_sql`."""
    _made_by[name] = make


def detail_fields() -> dict[str, Field[Any, Any, Any, Any]]:
    """Return {name: field} of those that were registered, new ones each time."""
    return {name: make() for name, make in _made_by.items()}

"""What is wrong with query parameters, whatever a view makes of them."""

from __future__ import annotations

from collections.abc import Collection

from rest_framework.request import Request

from apps.common.errors import FieldError


def repeated_parameters(request: Request, single: Collection[str]) -> list[FieldError]:
    """Return what is wrong with those of the parameters that take a single value and stand several times."""
    repeated = [name for name, values in request.query_params.lists() if len(values) > 1 and name in single]
    return [
        FieldError(f"/{name}", "repeated", f"`{name}` takes one value, and was sent several times.")
        for name in repeated
    ]

"""What is wrong with parameters and fields, whatever a view makes of them."""

from __future__ import annotations

from apps.common.errors import FieldError


def repeated(name: str) -> FieldError:
    """Return the fault of a parameter or field of one value that was sent several times."""
    return FieldError(f"/{name}", "repeated", f"`{name}` takes one value, and was sent several times.")

"""HTML that is written in Python: the values of a form escaped as a template would (PG15)."""

from __future__ import annotations

from html import escape
from typing import Any

from django.utils.safestring import SafeString


def filled(form: str, *args: Any, **kwargs: Any) -> SafeString:
    """Return what `format_html` does, in a third of the time: that one asks of every value and of every text it makes
    whether it is to be translated later.
    """
    return SafeString(form.format(*map(_escaped, args), **{name: _escaped(value) for name, value in kwargs.items()}))


def joined(parts: list[SafeString]) -> SafeString:
    """Return parts that are HTML already as one."""
    return SafeString("".join(parts))


def _escaped(value: Any) -> str | int:
    if isinstance(value, SafeString) or type(value) is int:  # most of them: the other questions take longer
        return value
    if hasattr(value, "__html__"):
        html: str = value.__html__()
        return html
    return escape(str(value))

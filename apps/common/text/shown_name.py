"""How a person is called, on pages, in mails and in choices."""

from __future__ import annotations


def shown_name(*, nickname: str, username: str) -> str:
    """Return the name under which others read of a person."""
    return nickname or username

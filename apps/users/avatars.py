"""Avatars: public pictures under random names."""

from __future__ import annotations

from django.conf import settings


def avatar_url(name: str) -> str | None:
    """Return the absolute public URL of a stored avatar, or None when there is none."""
    return f"{settings.PUBLIC_URL}{settings.MEDIA_URL}{name}" if name else None

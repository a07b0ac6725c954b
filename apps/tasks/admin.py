"""Tasks and their files in the admin."""

from __future__ import annotations

from apps.tasks import attachment_admin

__all__ = ["attachment_admin"]

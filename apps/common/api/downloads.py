"""What every download has in common: it is never opened as a page, and every client may ask for it."""

from __future__ import annotations

from typing import Any

from rest_framework.request import Request
from rest_framework.viewsets import ViewSetMixin

from apps.common.api.file_names import attachment_disposition


def download_headers(name: str) -> dict[str, str]:
    """Return the headers of a private download that is to be stored under `name`."""
    return {
        "Content-Disposition": attachment_disposition(name),
        "Content-Security-Policy": "default-src 'none'; sandbox",
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "no-store",
    }


class DownloadMixin(ViewSetMixin):
    """A view whose `downloads`, names of actions, have the type of the file, whatever Accept says."""

    downloads = frozenset({"download"})

    def perform_content_negotiation(self, request: Request, force: bool = False) -> Any:
        force = force or self.action in self.downloads
        return super().perform_content_negotiation(request, force=force)  # type: ignore[misc]

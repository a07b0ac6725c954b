"""What pages that take a file do before they read it."""

from __future__ import annotations

from django.http import HttpRequest
from django.utils.translation import gettext as _

from apps.common.api.parsers import FRAME_BYTES
from apps.common.errors import PayloadTooLargeError


def require_length(request: HttpRequest, most: int) -> None:
    """Raise PayloadTooLargeError for a body that is announced to hold a file of more than `most` bytes.

    A page asks before it reads the body, and so before the CSRF token in it: its `dispatch` is exempt, and what takes
    the file in is protected.
    """
    if int(request.META.get("CONTENT_LENGTH") or 0) > most + FRAME_BYTES:
        raise PayloadTooLargeError(too_large(most))


def too_large(most: int) -> str:
    """Return what is said of a file of more than `most` bytes."""
    return _("The file is larger than %(most)s MB.") % {"most": most // 1024**2}

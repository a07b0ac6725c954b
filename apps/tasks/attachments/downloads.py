"""The answer that carries an attachment's bytes: always a download, never a page."""

from __future__ import annotations

import logging
from typing import Protocol

from django.conf import settings
from django.core.files import File
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseNotModified
from django.http.response import HttpResponseBase

from apps.common.api.downloads import download_headers
from apps.common.concurrency import none_match
from apps.common.errors import NotFoundError
from apps.tasks.attachments.storage import is_file_system, open_stored
from apps.tasks.models import Attachment

logger = logging.getLogger(__name__)

INTERNAL = "/protected/"  # where the proxy finds the storage's folder


def download(request: HttpRequest, attachment: Attachment) -> HttpResponseBase:
    """Return the file as a download, or 304 when the client has it; the caller has checked the caller."""
    return download_stored(request, attachment, content_type=attachment.content_type, name=attachment.name)


class Stored(Protocol):
    """A row with a file in the storage."""

    pk: int
    storage_name: str
    sha256: str

    @property
    def size(self) -> int | None:
        """Return its bytes; None while there is no file."""


def download_stored(request: HttpRequest, stored: Stored, *, content_type: str, name: str) -> HttpResponseBase:
    """Return a file of the storage as a download with this name, or 304 when the client has it.

    With X_ACCEL_REDIRECT the proxy sends the bytes, if they lie in files. Raises NotFoundError when they are not there.
    """
    etag = f'"{stored.sha256}"'
    response: HttpResponseBase
    if none_match(request, etag):
        response = HttpResponseNotModified()
    elif settings.X_ACCEL_REDIRECT and is_file_system():
        response = HttpResponse(headers={"X-Accel-Redirect": INTERNAL + stored.storage_name})
    elif request.method == "HEAD":
        response = HttpResponse(headers={"Content-Length": str(stored.size)})
    else:
        response = FileResponse(_opened(stored), headers={"Content-Length": str(stored.size)})
    headers = download_headers(name) | {"Content-Type": content_type, "ETag": etag}
    for header, value in headers.items():
        response[header] = value
    return response


def _opened(stored: Stored) -> File[bytes]:
    try:
        return open_stored(stored.storage_name)
    except FileNotFoundError:
        logger.exception("The file of %s %s is not in the storage", type(stored).__name__.lower(), stored.pk)
        raise NotFoundError("The file no longer exists.", code="file_missing") from None

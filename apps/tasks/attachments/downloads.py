"""The answer that carries an attachment's bytes: always a download, never a page."""

from __future__ import annotations

import logging

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
    """Return the file as a download, or 304 when the client has it; the caller has checked the caller.

    With X_ACCEL_REDIRECT the proxy sends the bytes, if they lie in files. Raises NotFoundError when they are not there.
    """
    etag = f'"{attachment.sha256}"'
    response: HttpResponseBase
    if none_match(request, etag):
        response = HttpResponseNotModified()
    elif settings.X_ACCEL_REDIRECT and is_file_system():
        response = HttpResponse(headers={"X-Accel-Redirect": INTERNAL + attachment.storage_name})
    elif request.method == "HEAD":
        response = HttpResponse(headers={"Content-Length": str(attachment.size)})
    else:
        response = FileResponse(_as_parameters(attachment), headers={"Content-Length": str(attachment.size)})
    headers = download_headers(attachment.name) | {"Content-Type": attachment.content_type, "ETag": etag}
    for name, value in headers.items():
        response[name] = value
    return response


def _as_parameters(attachment: Attachment) -> File[bytes]:
    try:
        return open_stored(attachment.storage_name)
    except FileNotFoundError:
        logger.exception("The file of attachment %s is not in the storage", attachment.pk)
        raise NotFoundError("The file is not there any more.", code="file_missing") from None

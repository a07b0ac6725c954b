"""Paths without their last slash, and other slips in a path.

Django redirects such a path, and a client that follows turns POST into GET: the request seems to
succeed, and nothing was written.
"""

from __future__ import annotations

import re
from http import HTTPStatus

from django.http import HttpRequest, HttpResponsePermanentRedirect
from django.http.response import HttpResponseBase
from django.middleware.common import CommonMiddleware
from django.urls import is_valid_path
from django.utils.http import escape_leading_slashes

from apps.common.web.areas import is_api

READING = frozenset({"GET", "HEAD"})
SLASHES = re.compile(r"/{2,}")


class SlashMiddleware(CommonMiddleware):
    """Django's CommonMiddleware with redirects that lose nothing.

    GET and HEAD are redirected to the path with its slash (301). Any other method keeps method and
    body on a page (308, RFC 9110 §15.4.9) and stays a 404 below `/api/`, which names the right path.
    """

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        is_reading = request.method in READING
        if (
            response.status_code == HTTPStatus.NOT_FOUND
            and (is_reading or not is_api(request))
            and self.should_redirect_with_slash(request)
        ):
            return redirect_with_slash(request)
        if not response.streaming and not response.has_header("Content-Length"):
            response.headers["Content-Length"] = str(len(response.content))  # type: ignore[attr-defined]
        return response


def redirect_with_slash(request: HttpRequest) -> HttpResponsePermanentRedirect:
    """Return the redirect to the same path with its last slash, query included."""
    # A path of two leading slashes would name another host.
    place = escape_leading_slashes(request.get_full_path(force_append_slash=True))
    return HttpResponsePermanentRedirect(place, preserve_request=request.method not in READING)


def right_path(request: HttpRequest) -> str | None:
    """Return the path that was probably meant: with one slash each, a last one, in small letters; None for no guess."""
    given = request.path_info
    closed = SLASHES.sub("/", f"{given}/")
    for path in (closed, closed.lower()):
        if path != given and is_valid_path(path):
            return request.path.removesuffix(given) + path
    return None

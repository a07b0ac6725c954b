"""Reject requests with an unreadable body or charset, before routing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler, WSGIRequest
from django.http import HttpRequest, HttpResponseBase
from django.urls import ResolverMatch, is_valid_path
from django.utils.functional import cached_property
from django.utils.http import parse_header_parameters

from apps.common.api.problems import problem_response
from apps.common.web.areas import is_api
from apps.common.web.error_pages import bad_request
from apps.common.web.routing import route_of

CHARSETS = {"", "utf-8", "utf8", "us-ascii", "ascii"}


class Utf8Request(WSGIRequest):
    """A request that is read as UTF-8 whatever charset its Content-Type names.

    Django decodes the query by that charset while it makes the request, before any middleware:
    a codec that is none for text (rot13) would end in the server's own 500.
    """

    def __init__(self, environ: dict[str, Any]) -> None:
        remove_sub_path(environ)
        super().__init__(environ)

    def _set_content_type_params(self, meta: Mapping[str, Any]) -> None:
        self.content_type, self.content_params = parse_header_parameters(meta.get("CONTENT_TYPE", ""))

    def get_host(self) -> str:
        """Return the host of the request, which is checked once; raises DisallowedHost."""
        return self._host

    @cached_property
    def _host(self) -> str:
        return super().get_host()


def remove_sub_path(environ: dict[str, Any]) -> None:
    """Take FORCE_SCRIPT_NAME from the path of a request where the proxy before us has left it.

    Proxies do both. A path that a route has as it is was shortened already.
    """
    prefix, path = settings.FORCE_SCRIPT_NAME or "", environ.get("PATH_INFO", "")
    if not prefix or environ.get("SCRIPT_NAME") or not f"{path}/".startswith(f"{prefix}/") or is_valid_path(path):
        return
    environ["PATH_INFO"] = path.removeprefix(prefix) or "/"


class Utf8Handler(WSGIHandler):
    """Django's WSGI application on such requests, which looks for routes where they can be."""

    request_class = Utf8Request

    def resolve_request(self, request: HttpRequest) -> ResolverMatch:
        """Find the request's route; raises Resolver404."""
        request.resolver_match = match = route_of(request.path_info, settings.ROOT_URLCONF)
        return match


class RequestShapeMiddleware:
    """411 for a body without Content-Length, 415 for text that is not UTF-8, 400 for a length that is none.

    403 for the API over plain http where https is required: a redirect would hide that a token has
    just travelled in the clear.

    WSGI servers hand on a chunked body without its length; Django would take it for an empty one,
    and an empty PATCH succeeds.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if settings.SECURE_SSL_REDIRECT and is_api(request) and not request.is_secure():
            return problem_response(request, HTTPStatus.FORBIDDEN, "https_required", "Use https.")
        length = request.META.get("CONTENT_LENGTH") or ""
        if not length and request.META.get("HTTP_TRANSFER_ENCODING"):
            return problem_response(
                request, HTTPStatus.LENGTH_REQUIRED, "length_required", "Send the body with a Content-Length."
            )
        if length and not (length.isascii() and length.isdecimal()):
            return problem_response(request, HTTPStatus.BAD_REQUEST, "bad_request", "Content-Length is no number.")
        if not is_api(request) and "%00" in request.META.get("QUERY_STRING", ""):
            return bad_request(request)  # the API says which parameter it is
        charset = (request.content_params or {}).get("charset", "").strip("\"'").lower()
        if charset not in CHARSETS:
            return problem_response(
                request, HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "unsupported_media_type", "Send text as UTF-8."
            )
        return self.get_response(request)

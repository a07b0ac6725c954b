"""The API answers programs: nothing below `/api/` is HTML, but the pages of the documentation."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus

from django.http import HttpRequest, HttpResponseBase

from apps.common.api.problems import problem_response
from apps.common.web.areas import is_api, is_documentation
from apps.common.web.error_pages import not_found

HTML = "text/html"
KEPT = ("Allow", "Retry-After", "WWW-Authenticate")


class JsonOnlyMiddleware:
    """Turns what Django itself would answer in HTML into problems: redirects, 405, and with DEBUG its error pages."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        is_html = response.headers.get("Content-Type", "").startswith(HTML)
        if is_html and is_api(request) and not is_documentation(request):
            return _without_html(request, response)
        return response


def _without_html(request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
    status = response.status_code
    if status < HTTPStatus.BAD_REQUEST:  # a redirect: its body is empty
        del response.headers["Content-Type"]
        return response
    if status == HTTPStatus.NOT_FOUND:
        return not_found(request)
    code = {405: "method_not_allowed", 500: "internal_error"}.get(status, "bad_request")
    answer = problem_response(request, status, code, f"{HTTPStatus(status).phrase}.")
    for name in KEPT:
        if name in response.headers:
            answer.headers[name] = response.headers[name]
    return answer

"""Pages that say what went wrong: inside the frame, with the request's id and a way on (PG7)."""

from __future__ import annotations

import logging
from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from apps.common.errors import DomainError, ValidationError
from apps.common.monitoring.request_id import current_request_id
from apps.common.web import error_pages
from apps.common.web.areas import is_api
from apps.common.web.slashes import right_path
from apps.web.base.session import session_of

logger = logging.getLogger(__name__)

TITLES = {
    400: "This address does not work",
    403: "You may look at this, not change it",
    404: "There is nothing at this address",
    409: "That does not go now",
    410: "Its time is over",
    412: "Somebody was faster",
    413: "That is too large",
    422: "That asks for too much",
    429: "That was too much at once",
    500: "Something went wrong on our side",
    503: "Taskhouse cannot answer now",
    507: "There is no room for this file",
}
NOT_FOUND = "It may have been moved or deleted, or it belongs to a project that you are not in."


def rejected(request: HttpRequest, error: DomainError) -> HttpResponse:
    """Return the page for what a rule rejects outside of a form."""
    details = [each.detail for each in error.errors] if isinstance(error, ValidationError) else []
    context: dict[str, Any] = {"detail": " ".join(details) or error.detail}
    if error.status == HTTPStatus.NOT_FOUND:
        context["detail"] = "It is in the trash." if error.code == "in_trash" else NOT_FOUND
        context["trash"] = reverse("trash") if error.code == "in_trash" else None
    response = _page(request, error.status, context)
    if error.retry_after:
        response["Retry-After"] = str(error.retry_after)
    return response


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """400: a host, header or form that Django itself rejects."""
    return _framed(request, error_pages.bad_request(request, exception), {"detail": "The request is malformed."})


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """403 from Django's own permission checks."""
    return _framed(request, error_pages.forbidden(request, exception), {"detail": "Your role does not allow this."})


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403 for a form without its token."""
    context = {
        "title": "The form has expired",
        "detail": "Nothing was changed. Go back, load the page again and send it once more.",
    }
    return _framed(request, error_pages.csrf_failure(request, reason), context)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """404 for a path that no route has; names the path that was probably meant."""
    answer = error_pages.not_found(request, exception)
    meant = right_path(request)
    return _framed(request, answer, {"detail": NOT_FOUND, "meant": meant})


def server_error(request: HttpRequest) -> HttpResponse:
    """500 inside the frame; as it is where the frame, or the database under it, is what does not work, and 503."""
    answer = error_pages.server_error(request)
    if answer.status_code != HTTPStatus.INTERNAL_SERVER_ERROR:
        return answer
    try:
        return _framed(request, answer, {"detail": "It has been logged. Look whether it was done, then try again."})
    except Exception:
        logger.exception("The page that says so does not work either")
        return answer


def _framed(request: HttpRequest, answer: HttpResponse, context: dict[str, Any]) -> HttpResponse:
    """Return `answer` as it is for programs, else the page with its status."""
    if is_api(request) or request.path_info.startswith("/admin/") or not settings.PAGES:
        return answer
    return _page(request, answer.status_code, context)


def _page(request: HttpRequest, status: int, context: dict[str, Any]) -> HttpResponse:
    session = session_of(request)
    if session is not None:
        request.user = session.user
    context = {
        "title": TITLES.get(status) or HTTPStatus(status).phrase,
        "status": status,
        "request_id": current_request_id(),
        "person": session and session.user,
    } | context
    template = "web/error.html" if session else "web/error_outside.html"
    response = render(request, template, context, status=status)
    response["Cache-Control"] = "private, no-store"
    return response

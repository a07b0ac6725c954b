"""Answers to what fails outside DRF's views: problems below `/api/`, plain pages elsewhere."""

from __future__ import annotations

import sys
from http import HTTPStatus

from django.conf import settings
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext, gettext_noop

from apps.common.api.problems import problem_response
from apps.common.errors import DomainError
from apps.common.language.choosing import speaking, vary_by_language
from apps.common.monitoring.request_id import current_request_id
from apps.common.sql.sqlstate import domain_error
from apps.common.web.areas import is_api
from apps.common.web.slashes import right_path

# The names of HTTP's statuses, of which these pages have a heading
NAMES = (
    gettext_noop("Bad Request"),
    gettext_noop("Forbidden"),
    gettext_noop("Not Found"),
    gettext_noop("Internal Server Error"),
    gettext_noop("Service Unavailable"),
)


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """400: a host, header or form that Django itself rejects."""
    return _answer(request, HTTPStatus.BAD_REQUEST, "bad_request", gettext_noop("The request is malformed."))


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """403 from Django's own permission checks."""
    return _answer(request, HTTPStatus.FORBIDDEN, "permission_denied", gettext_noop("You may not do this."))


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403 for a form without its token."""
    return _answer(
        request,
        HTTPStatus.FORBIDDEN,
        "csrf_failed",
        gettext_noop("The form has expired: load the page again and send it once more."),
    )


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """404 for a path that no route has; names the path that was probably meant."""
    meant = right_path(request)
    here, elsewhere = (
        gettext_noop("There is nothing here."),
        gettext_noop("There is nothing here. The right path is {path}"),
    )
    return _answer(request, HTTPStatus.NOT_FOUND, "not_found", elsewhere if meant else here, path=meant or "")


def server_error(request: HttpRequest) -> HttpResponse:
    """500 for a bug of ours; 503 when the database does not answer, also outside the views."""
    error = sys.exc_info()[1]
    rejection = domain_error(error) if isinstance(error, DatabaseError) else None
    if rejection is not None and rejection.status == HTTPStatus.SERVICE_UNAVAILABLE:
        return _unavailable(request, rejection)
    return _answer(
        request,
        HTTPStatus.INTERNAL_SERVER_ERROR,
        "internal_error",
        gettext_noop("Something went wrong on our side; it has been logged."),
    )


def _unavailable(request: HttpRequest, error: DomainError) -> HttpResponse:
    response = _answer(request, HTTPStatus.SERVICE_UNAVAILABLE, error.code, error.detail)
    response["Retry-After"] = str(error.retry_after or 1)
    return response


def _answer(request: HttpRequest, status: HTTPStatus, code: str, detail: str, **values: str) -> HttpResponse:
    if is_api(request):
        return problem_response(request, status, code, detail.format(**values))
    with speaking(settings.LANGUAGE_CODE if request.path_info.startswith("/admin/") else "", request):
        words = gettext(detail).format(**values)
        context = {"title": gettext(status.phrase), "detail": words, "request_id": current_request_id()}
        return vary_by_language(render(None, "common/error.html", context, status=status))

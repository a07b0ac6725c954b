"""Pages that say what went wrong: inside the frame, with the request's id and a way on (PG7)."""

from __future__ import annotations

import logging
from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.common.errors import DomainError, ValidationError
from apps.common.language.choosing import speaking, vary_by_language
from apps.common.language.problems import translated
from apps.common.monitoring.request_id import current_request_id
from apps.common.web import error_pages
from apps.common.web.areas import is_api
from apps.common.web.slashes import right_path
from apps.tasks.trash.reading import entries_of, restorable_by
from apps.users.models import User
from apps.web.base.session import session_of
from apps.web.base.words import NotOfferedError

logger = logging.getLogger(__name__)

TITLES = {
    400: gettext_lazy("This address does not work"),
    403: gettext_lazy("You may look at this, not change it"),
    404: gettext_lazy("There is nothing at this address"),
    409: gettext_lazy("That is not possible now"),
    410: gettext_lazy("It has expired"),
    412: gettext_lazy("Somebody else changed it first"),
    413: gettext_lazy("That is too large"),
    422: gettext_lazy("That cannot be done"),
    429: gettext_lazy("That was too much at once"),
    500: gettext_lazy("Something went wrong on our side"),
    503: gettext_lazy("Taskhouse cannot answer now"),
    507: gettext_lazy("There is no room for this file"),
}
NOT_FOUND = gettext_lazy("It may have been moved or deleted, or it belongs to a project that you are not in.")


def rejected(request: HttpRequest, error: DomainError) -> HttpResponse:
    """Return the page for what a rule rejects outside of a form."""
    details = [each.detail for each in error.errors] if isinstance(error, ValidationError) else []
    context: dict[str, Any] = {"detail": " ".join(map(translated, details)) or translated(error.detail)}
    if isinstance(error, NotOfferedError):
        context["title"] = _("Nothing was changed")
    if error.status == HTTPStatus.NOT_FOUND:
        is_in_trash = error.code == "in_trash"
        context["detail"] = _("It is in the trash.") if is_in_trash else NOT_FOUND
        # The trash lists what the person may restore: anybody else would find nothing there
        context["trash"] = reverse("trash") if is_in_trash and _may_restore(request, error.extra["trash_id"]) else None
    if error.status == HTTPStatus.BAD_REQUEST and request.GET and request.method in {"GET", "HEAD"}:
        # What a kept address narrows by may be gone: a label, a place in a list
        context["whole"] = request.path
    response = _page(request, error.status, context)
    if error.retry_after:
        response["Retry-After"] = str(error.retry_after)
    return response


def _may_restore(request: HttpRequest, entry_id: int) -> bool:
    person = request.user
    return isinstance(person, User) and entries_of(person).filter(restorable_by(person), pk=entry_id).exists()


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """400: a host, header or form that Django itself rejects."""
    return _framed(
        request, error_pages.bad_request(request, exception), {"detail": gettext_lazy("The request is malformed.")}
    )


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """403 from Django's own permission checks."""
    return _framed(
        request, error_pages.forbidden(request, exception), {"detail": gettext_lazy("Your role does not allow this.")}
    )


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403 for a form without its token."""
    context = {
        "title": gettext_lazy("The form has expired"),
        "detail": gettext_lazy("Nothing was changed. Go back, load the page again and send it once more."),
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
        return _framed(
            request, answer, {"detail": gettext_lazy("It has been logged. Look whether it was done, then try again.")}
        )
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
    person = None
    if session is not None:
        person = request.user = session.user
    with speaking(person.language if person else "", request):
        response = _written(request, status, person, context)
    response["Cache-Control"] = "private, no-store"
    return vary_by_language(response)


def _written(request: HttpRequest, status: int, person: User | None, context: dict[str, Any]) -> HttpResponse:
    context = {
        "title": TITLES.get(status) or _(HTTPStatus(status).phrase),
        "status": status,
        "request_id": current_request_id(),
        "person": person,
    } | context
    template = "web/error.html" if person else "web/error_outside.html"
    return render(request, template, context, status=status)

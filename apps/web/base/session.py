"""The cookie of a session of the pages (contract PG1)."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase

from apps.users import services
from apps.users.models import Session

_CACHED = "_page_session"


def session_of(request: HttpRequest) -> Session | None:
    """Return the live session that the request's cookie stands for, with its user; looked up once a request."""
    if not hasattr(request, _CACHED):
        value = request.COOKIES.get(settings.PAGE_COOKIE_NAME, "")
        setattr(request, _CACHED, services.find_page_session(value) if value else None)
    found: Session | None = getattr(request, _CACHED)
    return found


def set_cookie(response: HttpResponseBase, value: str) -> None:
    """Let the browser keep the session's value until its end, out of the reach of scripts and of other sites."""
    response.set_cookie(
        settings.PAGE_COOKIE_NAME,
        value,
        max_age=int(settings.SESSION_LIFETIME.total_seconds()),
        path=settings.SESSION_COOKIE_PATH,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def delete_cookie(response: HttpResponseBase) -> None:
    """Let the browser forget the session."""
    response.delete_cookie(settings.PAGE_COOKIE_NAME, path=settings.SESSION_COOKIE_PATH, samesite="Lax")

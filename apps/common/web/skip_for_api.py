"""Middleware of the pages: the API knows neither cookies nor forms and passes it by."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.middleware import AuthenticationMiddleware
from django.contrib.messages.middleware import MessageMiddleware
from django.contrib.sessions.middleware import SessionMiddleware
from django.http import HttpRequest

from apps.common.web.areas import is_api


class PagesOnly:
    """For Django's middleware: nothing of it runs below `/api/`."""

    get_response: Any

    def __call__(self, request: HttpRequest) -> Any:
        if is_api(request):
            return self.get_response(request)
        return super().__call__(request)  # type: ignore[misc]


class PagesSessionMiddleware(PagesOnly, SessionMiddleware):
    """The cookie's session."""


class PagesAuthenticationMiddleware(PagesOnly, AuthenticationMiddleware):
    """Who is logged in on the pages."""


class PagesMessageMiddleware(PagesOnly, MessageMiddleware):
    """What the next page shows once."""

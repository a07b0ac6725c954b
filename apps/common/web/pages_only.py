"""Django's middleware for people in a browser: requests to the API pass by it.

The API knows its callers by their tokens alone. It reads no cookie.
"""

from __future__ import annotations

from typing import Any

from django.contrib.auth.middleware import AuthenticationMiddleware
from django.contrib.messages.middleware import MessageMiddleware
from django.contrib.sessions.middleware import SessionMiddleware
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from apps.common.web.areas import is_api, is_documentation


class _PagesOnly:
    get_response: Any

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if is_api(request) and not is_documentation(request):
            passed: HttpResponseBase = self.get_response(request)
            return passed
        answer: HttpResponseBase = super().__call__(request)  # type: ignore[misc]
        return answer


class PageSessionMiddleware(_PagesOnly, SessionMiddleware):
    """Sessions in cookies."""


class PageAuthenticationMiddleware(_PagesOnly, AuthenticationMiddleware):
    """`request.user` by the session."""


class PageMessageMiddleware(_PagesOnly, MessageMiddleware):
    """Messages that the next page shows."""

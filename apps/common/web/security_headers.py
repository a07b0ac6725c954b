"""Security headers on every answer, by area of the site."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponseBase

from apps.common.web.areas import is_api, is_documentation

API_POLICY = "default-src 'none'; base-uri 'none'; frame-ancestors 'none'"
PAGE_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
# Swagger UI and ReDoc write style attributes and elements; scripts are never inline anywhere.
DOCUMENTATION_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "font-src 'self' data:; connect-src 'self'; worker-src 'self' blob:; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
)
PERMISSIONS_POLICY = "camera=(), geolocation=(), microphone=(), payment=(), usb=()"
# Their answers carry tokens (RFC 6749 §5.1)
TOKEN_ROUTES = ("/api/auth/login/", "/api/auth/refresh/", "/api/token/")


class SecurityHeadersMiddleware:
    """Adds CSP, Permissions-Policy and Cache-Control where a view has not said otherwise."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        documentation = is_documentation(request)
        api = is_api(request) and not documentation
        policy = DOCUMENTATION_POLICY if documentation else API_POLICY if api else PAGE_POLICY
        response.headers.setdefault("Content-Security-Policy", policy)
        response.headers.setdefault("Permissions-Policy", PERMISSIONS_POLICY)
        if api:
            caching = "no-store" if request.path_info.startswith(TOKEN_ROUTES) else "private, no-cache"
            response.headers.setdefault("Cache-Control", caching)
        return response

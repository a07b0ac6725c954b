"""CORS for a front end on another origin; requests of programs, which name no origin, pass it by."""

from __future__ import annotations

from corsheaders.middleware import CorsMiddleware
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.cache import patch_vary_headers

from apps.common.web.areas import is_api


class ApiCorsMiddleware(CorsMiddleware):
    """The library's middleware, asked about requests with an Origin and about OPTIONS alone.

    All other answers of the API have the `Vary` that it would add, so that no cache gives them to another origin.
    """

    async_capable = False

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if "HTTP_ORIGIN" in request.META or request.method == "OPTIONS":
            answer: HttpResponseBase = super().__call__(request)  # type: ignore[assignment]  # nothing here is async
            return answer
        answer = self.get_response(request)  # type: ignore[assignment]
        if is_api(request):
            patch_vary_headers(answer, ("origin",))
        return answer

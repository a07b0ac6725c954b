"""Pages and files outside the API: the documentation, public avatars."""

from __future__ import annotations

import re

from django.conf import settings
from django.core.files.storage import default_storage
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.templatetags.static import static
from django.utils import translation
from django.views.decorators.http import require_safe
from drf_spectacular.views import SpectacularAPIView, SpectacularRedocView, SpectacularSwaggerSplitView
from rest_framework.request import Request
from rest_framework.response import Response

AVATAR_FOLDER = "avatars"
AVATAR_TYPES = {"png": "image/png", "jpg": "image/jpeg", "webp": "image/webp"}
# What the storage is asked for; any other name could be too long for it, or hold a NUL
AVATAR_NAME = re.compile(r"[A-Za-z0-9_-]{1,100}\.(png|jpg|webp)", re.ASCII)
FILE_POLICY = "default-src 'none'; sandbox"


class SchemaView(SpectacularAPIView):
    """The schema, in English whatever the query says: the library would take `lang`."""

    def _get_schema_response(self, request: Request) -> Response:
        with translation.override(settings.LANGUAGE_CODE):
            answer: Response = super()._get_schema_response(request)  # type: ignore[no-untyped-call]
            return answer


class SwaggerPage(SpectacularSwaggerSplitView):
    """Swagger UI, with its script in an answer of its own so that no inline script is needed."""

    template_name = "common/swagger.html"


class RedocPage(SpectacularRedocView):
    """ReDoc, without fonts from elsewhere."""

    template_name = "common/redoc.html"


@require_safe
def icon(request: HttpRequest) -> HttpResponse:
    """Lead browsers that ask at the usual place to the icon."""
    return redirect(static("common/icon.svg"))


@require_safe
def avatar(request: HttpRequest, name: str) -> FileResponse:
    """Serve a picture under its public random name; behind the shipped nginx that does it itself."""
    match = AVATAR_NAME.fullmatch(name)
    if match is None:
        raise Http404
    try:
        file = default_storage.open(f"{AVATAR_FOLDER}/{name}")
    except FileNotFoundError:
        raise Http404 from None
    return FileResponse(
        file,
        content_type=AVATAR_TYPES[match[1]],
        headers={
            "Cache-Control": "public, max-age=31536000, immutable",
            "Content-Security-Policy": FILE_POLICY,
            "X-Content-Type-Options": "nosniff",
        },
    )

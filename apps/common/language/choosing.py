"""The language of pages and mails: what a person chose, else the browser's, else English.

Nothing here is for the API, the admin site, logs or commands: there no language is active, which means English. A text
that both show is marked where it is written, and translated where it is shown.
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import TypeVar

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils import translation
from django.utils.cache import patch_vary_headers
from django.utils.translation import get_supported_language_variant
from django.utils.translation.trans_real import parse_accept_lang_header

R = TypeVar("R", bound=HttpResponseBase)


def speaking(chosen: str, request: HttpRequest | None = None) -> AbstractContextManager[None]:
    """Return a context in which texts are in the language `chosen`; where it is empty, in that of the browser.

    The language that was active before is active again after it. Without a `request` the browser is not known.
    """
    return translation.override(_known(chosen) or (browser_language(request) if request else settings.LANGUAGE_CODE))


def browser_language(request: HttpRequest) -> str:
    """Return the first of our languages by the weights of `Accept-Language` (RFC 9110 §12.5.4), English for none."""
    for named, weight in parse_accept_lang_header(request.headers.get("Accept-Language", "")):
        if found := _known(named) if weight > 0 else "":
            return found
    code: str = settings.LANGUAGE_CODE
    return code


def vary_by_language(response: R) -> R:
    """Return the answer, of which caches know that its language depends on the browser's."""
    patch_vary_headers(response, ["Accept-Language"])
    return response


def _known(code: str) -> str:
    """Return the one of our languages that a code means, such as `de` for `de-AT`; an empty string for none."""
    try:
        return get_supported_language_variant(code) if code and code != "*" else ""
    except LookupError:
        return ""

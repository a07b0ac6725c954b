"""Where a form or a login leads back to: paths of this site and nothing else."""

from __future__ import annotations

from urllib.parse import urlencode

from django.http import HttpRequest
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme


def own_path(value: str | None, *, default: str) -> str:
    """Return `value` when it is a path of this site, else `default`: another site's address is never followed.

    No path has control characters: a line break among them would end the header that the path is sent in.
    """
    if (
        value
        and value.startswith("/")
        and value.isprintable()
        and url_has_allowed_host_and_scheme(value, allowed_hosts=None)
    ):
        return value
    return default


def login_path(request: HttpRequest) -> str:
    """Return the login's address that leads back to where a page was asked for; an act leads to its start page."""
    if request.method not in {"GET", "HEAD"}:
        return reverse("login")
    return f"{reverse('login')}?{urlencode({'next': request.get_full_path()})}"

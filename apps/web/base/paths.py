"""Where a form or a login leads back to: paths of this site and nothing else."""

from __future__ import annotations

from urllib.parse import urlencode, urlsplit

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
    """Return the login's address that leads back to the page that was asked for, or that an act was sent from.

    With `ended` the page says that nothing was done.
    """
    if request.method in {"GET", "HEAD"}:
        return f"{reverse('login')}?{urlencode({'next': request.get_full_path()})}"
    page = page_before(request)
    return f"{reverse('login')}?{urlencode({**({'next': page} if page else {}), 'ended': 1})}"


def page_before(request: HttpRequest) -> str:
    """Return path and query of the page of this site that the request comes from; empty where nobody says so."""
    try:
        page = urlsplit(request.headers.get("Referer", ""))
    except ValueError:  # brackets without an address in them
        return ""
    if page.netloc != request.get_host():
        return ""
    return own_path(page._replace(scheme="", netloc="", fragment="").geturl(), default="")

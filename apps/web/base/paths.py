"""Where a form or a login leads back to: paths of this site and nothing else."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode, urlsplit

from django.http import HttpRequest
from django.urls import Resolver404, resolve, reverse
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


def page_above(request: HttpRequest) -> str:
    """Return the path of the page whose form posts to the request's path: the nearest one above it that can be read.

    The address bar holds the path of an act while its form is shown again, and browsers open what it holds.
    """
    prefix = request.path.removesuffix(request.path_info)
    parts = request.path_info.strip("/").split("/")
    for count in range(len(parts) - 1, 0, -1):
        path = f"/{'/'.join(parts[:count])}/"
        try:
            view: Any = getattr(resolve(path).func, "view_class", None)
        except Resolver404:
            continue
        if hasattr(view, "get") and "get" in view.http_method_names:
            return prefix + path
    return reverse("landing")

"""The path below which the site is served, such as `/tasks` in https://company.example/tasks/."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

PATH = re.compile(r"(?:/[A-Za-z0-9._~-]+)+")
# First segments of the application's own paths: below one of them a request could not be distinguished from another.
OWN = {"admin", "api", "health", "media", "metrics", "static"}


def sub_path(*, public_url: str, forced: str, server: str) -> str:
    """Return the path without its last slash, empty at the root.

    `public_url` is PUBLIC_URL, `forced` FORCE_SCRIPT_NAME and `server` gunicorn's own SCRIPT_NAME; one
    that is empty follows PUBLIC_URL. Raises ImproperlyConfigured naming the variable that does not fit:
    half of the links would lead elsewhere.
    """
    parts = urlsplit(public_url)
    if parts.query or parts.fragment:
        raise ImproperlyConfigured("PUBLIC_URL has a query or a fragment: give scheme, host and path.")
    path = parts.path.rstrip("/")
    if path and not PATH.fullmatch(path):
        raise ImproperlyConfigured("PUBLIC_URL has a path of other characters than letters, digits and `._~-`.")
    if path and path.split("/")[1] in OWN | {".", ".."}:
        raise ImproperlyConfigured(f"PUBLIC_URL has a path that begins like one of the application's own: {path}")
    for name, value in (("FORCE_SCRIPT_NAME", forced), ("SCRIPT_NAME", server)):
        if value and value.rstrip("/") != path:
            raise ImproperlyConfigured(f"{name} is `{value}`, but the path of PUBLIC_URL is `{path or '/'}`.")
    return path

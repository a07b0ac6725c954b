"""Which part of the site a request belongs to."""

from __future__ import annotations

import re

from django.http import HttpRequest

# Doubled slashes, capitals and a missing last slash lead to no route, but the caller is still a program.
API = re.compile(r"/+api(?:/|\Z)", re.IGNORECASE)
# The pages below `/api/` that people read
DOCUMENTATION = frozenset({"/api/schema/swagger-ui/", "/api/schema/redoc/", "/api/docs/"})


def is_api(request: HttpRequest) -> bool:
    """Return whether the request is for the API, its documentation pages included."""
    return API.match(request.path_info) is not None


def is_documentation(request: HttpRequest) -> bool:
    """Return whether the request is for one of the documentation pages."""
    return request.path_info in DOCUMENTATION

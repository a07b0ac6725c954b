"""The query parameters of `sync/state/`."""

from __future__ import annotations

from rest_framework.request import Request

from apps.common.errors import ValidationError, collect_faults
from apps.common.lists.filters import require_known_parameters

KNOWN = frozenset({"projects"})
PROJECTS_MAX = 500  # named in one request


def read_projects(request: Request) -> frozenset[int] | None:
    """Return the ids that are asked for, None for all projects; raises ValidationError with all that is wrong."""
    return collect_faults(lambda: require_known_parameters(request, KNOWN, several=KNOWN), lambda: _ids(request))[1]  # type: ignore[no-any-return]


def _ids(request: Request) -> frozenset[int] | None:
    texts = request.query_params.getlist("projects")
    if len(texts) > PROJECTS_MAX:
        raise ValidationError.at("/projects", "too_many", f"Name at most {PROJECTS_MAX} projects.")
    if not all(text.isascii() and text.isdigit() and len(text) < 19 for text in texts):
        raise ValidationError.at("/projects", "invalid", "Give ids of projects; repeat the parameter.")
    return frozenset(map(int, texts)) or None

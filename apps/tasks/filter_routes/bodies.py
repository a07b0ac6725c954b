"""The criteria in the body of a request: what a query string would say, and a filter as JSON."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import QueryDict

from apps.common.lists.criteria import Criteria, completed, read_criteria
from apps.tasks.filtering.json_form import read_json
from apps.tasks.filters import TaskFilter

NAMES = ("filter", "tz", "view")


def criteria_in(body: Mapping[str, Any], *, actor: Any) -> Criteria:
    """Return what a checked body asks for by NAMES and `ast`, as far as it has them; raises what the list raises."""
    query = QueryDict(mutable=True)
    for name in NAMES:
        if name in body:
            query[name] = body[name]
    criteria = completed(TaskFilter, read_criteria(TaskFilter, query), actor)
    if body.get("ast") is None:
        return criteria
    return TaskFilter.narrowed(criteria, read_json(body["ast"]), actor)

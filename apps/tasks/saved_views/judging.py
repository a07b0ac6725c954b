"""What is kept of the filter of a view (contract VI5)."""

from __future__ import annotations

from typing import Any

from apps.tasks.filtering.checking import check, check_for_nobody
from apps.tasks.filtering.json_form import as_json
from apps.tasks.filtering.nodes import flattened
from apps.tasks.filtering.parsing import parse
from apps.tasks.filtering.reader import Reader
from apps.tasks.filtering.resolving import resolve
from apps.tasks.filtering.writing import write
from apps.tasks.saved_views.stored import stored


def kept_filter(text: str, reader: Reader) -> dict[str, Any]:
    """Return the fields `filter` and `ast` of a view with this filter; raises FilterError for a wrong one."""
    node = parse(text)
    check(node)
    if reader.user is None:
        check_for_nobody(node)
    if node is None:
        return {"filter": "", "ast": None}
    node = flattened(node)
    resolution = resolve(node, reader)
    return {"filter": write(node), "ast": as_json(stored(node, resolution))}

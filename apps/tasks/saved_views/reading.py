"""Views as their reader is shown them: the filter with present names, and whether it still means something."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

from apps.tasks.filtering.json_form import read_json
from apps.tasks.filtering.nodes import AnyOf
from apps.tasks.filtering.reader import Reader
from apps.tasks.filtering.resolving import first_missing, look_up
from apps.tasks.filtering.writing import write
from apps.tasks.saved_views.stored import shown


class StoredFilter(Protocol):
    """A row with a filter as it is kept, and place for what it means now."""

    ast: Any
    shown_filter: str | None
    fault: Any


def present(views: Sequence[StoredFilter], reader: Reader) -> None:
    """Set `shown_filter` and `fault` (a FilterError, or None) of views, in a constant number of statements."""
    nodes = [read_json(view.ast, is_stored=True) for view in views]
    ids = look_up(AnyOf(tuple(node for node in nodes if node is not None)), reader)
    for view, node, named in zip(views, nodes, shown(nodes, reader), strict=True):
        view.shown_filter = write(named)
        view.fault = first_missing(node, ids)

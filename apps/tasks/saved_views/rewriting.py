"""Views that name a label which was renamed or merged into another (contract LA8)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from django.db.models import Q

from apps.common.text.normal_form import normal_form
from apps.tasks.filtering.json_form import as_json, read_json
from apps.tasks.filtering.nodes import Comparison, Node, Value, each_test
from apps.tasks.filtering.writing import write
from apps.tasks.labels.announcements import LabelReference, Rewritten
from apps.tasks.models import SavedView
from apps.tasks.saved_views.services import rewrite_filter
from apps.tasks.saved_views.stored import mapped


def rewrite_label(project_id: int, before: LabelReference, after: LabelReference, tally: Rewritten) -> None:
    """Let views name `after` in place of `before`: those of the project by name and id, all others by id.

    The project's row is locked.
    """
    named = Q(ast__isnull=False, filter__icontains="label")
    for view in SavedView.objects.select_for_update(no_key=True).filter(named).order_by("pk"):
        kept = rewritten_filter(view.ast, before, after, by_name=view.project_id == project_id)
        if kept is not None:
            rewrite_filter(view, text=kept["filter"], ast=kept["ast"], actor_id=tally.actor_id)
            tally.views += 1


def rewritten_filter(
    ast: Any, before: LabelReference, after: LabelReference, *, by_name: bool
) -> dict[str, Any] | None:
    """Return {filter, ast} of a kept filter with the label replaced, by id and `by_name`; None if it is not named."""
    node = read_json(ast, is_stored=True)
    change = _changed(before, after, by_name=by_name)
    comparisons = [test for test, _ in each_test(node) if isinstance(test, Comparison)]
    if node is None or all(change(test) == test for test in comparisons):
        return None
    rewritten = mapped(node, change)
    return {"filter": write(rewritten), "ast": as_json(rewritten)}


def _changed(before: LabelReference, after: LabelReference, *, by_name: bool) -> Callable[[Comparison], Node]:
    def value_of(value: Value) -> Value:
        if value.kind in ("number", "label") and value.content == before.id:
            return replace(value, content=after.id)
        if by_name and value.kind == "text" and normal_form(value.content) == normal_form(before.name):
            return replace(value, content=after.name)
        return value

    def change(test: Comparison) -> Node:
        if test.name != "label":
            return test
        return replace(test, values=tuple(dict.fromkeys(map(value_of, test.values))))

    return change

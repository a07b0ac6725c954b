"""What a filter means to its reader: its normalised text, its JSON form, what its words stand for (contract FI8)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from apps.common.dates.instants import utc
from apps.tasks.filtering.checking import check
from apps.tasks.filtering.composing import names_archived
from apps.tasks.filtering.days import Day
from apps.tasks.filtering.fields import FIELDS
from apps.tasks.filtering.json_form import as_json
from apps.tasks.filtering.nodes import Comparison, Node, Value, each_test, flattened
from apps.tasks.filtering.reader import Reader
from apps.tasks.filtering.resolving import Resolution, resolve
from apps.tasks.filtering.writing import write, write_value
from apps.users.people import people

ARCHIVED = "The filter names `archived`: archived tasks are found too, unless the parameter `archived` is sent."


def explain(node: Node | None, reader: Reader) -> dict[str, Any]:
    """Return what `GET /api/tasks/filter/explain/` answers; FilterError for what is wrong with the filter."""
    check(node)
    node = flattened(node) if node is not None else None
    resolution = resolve(node, reader)
    return {
        "normalized": write(node),
        "ast": as_json(node),
        "resolved": _resolved(node, resolution),
        "warnings": list(_warnings(node, resolution)),
    }


def _values(node: Node | None) -> Iterator[tuple[str, Value]]:
    for test, _ in each_test(node):
        if isinstance(test, Comparison):
            yield from ((test.name, value) for value in test.values)


def _resolved(node: Node | None, resolution: Resolution) -> dict[str, Any]:
    """Return what each relative day, `me`, person and label stands for, by the text as it was written."""
    found = list(_values(node))
    ids = {value: resolution.operand(name, value)[0] for name, value in found if FIELDS[name].names == "people"}
    known = people(ids.values())
    resolved: dict[str, Any] = {}
    for name, value in found:
        written = value.content if value.kind == "text" else write_value(value)
        match FIELDS[name].names:
            case "people":
                resolved[written] = known[ids[value]]
            case "labels":
                resolved[written] = list(resolution.operand(name, value))
        if value.kind == "relative":
            moment = resolution.moments[value]
            resolved[written] = moment.day.isoformat() if isinstance(moment, Day) else utc(moment)
    return resolved


def _warnings(node: Node | None, resolution: Resolution) -> Iterator[str]:
    for name, value in dict.fromkeys(_values(node)):
        if FIELDS[name].names == "labels" and len(ids := resolution.operand(name, value)) > 1:
            how_many = "both" if len(ids) == 2 else "all"
            yield f"The label `{value.content}` exists in {len(ids)} projects; {how_many} count."
    if names_archived(node):
        yield ARCHIVED

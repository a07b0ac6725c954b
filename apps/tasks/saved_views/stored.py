"""How a view keeps its filter: people, projects and tasks by id, shown by their present names (contract VI5)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

from apps.tasks.filtering.fields import FIELDS
from apps.tasks.filtering.lookups import present_names
from apps.tasks.filtering.nodes import AllOf, AnyOf, Comparison, Flag, Kind, Node, Not, Value, each_test, flattened
from apps.tasks.filtering.reader import Reader
from apps.tasks.filtering.resolving import Resolution

KINDS: Mapping[str, Kind] = {"people": "user", "projects": "project", "tasks": "task"}
OF_SEVERAL = {"=": "in", "!=": "not in"}  # a key may mean several things


def stored(node: Node, resolution: Resolution) -> Node:
    """Return a resolved filter with ids in place of the names of people, projects and tasks."""
    return flattened(mapped(node, lambda test: _stored(test, resolution)))


def shown(nodes: Iterable[Node | None], reader: Reader) -> list[Node | None]:
    """Return stored filters with present names in place of ids; what the reader does not see keeps its id."""
    kept = list(nodes)
    ids = {
        value
        for node in kept
        for test, _ in each_test(node)
        for value in getattr(test, "values", ())
        if value.kind in KINDS.values()
    }
    names = present_names(ids, reader)

    def named(test: Comparison) -> Node:
        return replace(test, values=tuple(names.get(value, value) for value in test.values))

    return [None if node is None else mapped(node, named) for node in kept]


def mapped(node: Node, change: Callable[[Comparison], Node]) -> Node:
    """Return the filter with each comparison changed."""
    match node:
        case AllOf(items) | AnyOf(items):
            return type(node)(tuple(mapped(item, change) for item in items))
        case Not(item):
            return Not(mapped(item, change))
        case Flag():
            return node
    return change(node)


def _stored(test: Comparison, resolution: Resolution) -> Node:
    names = FIELDS[test.name].names
    if names not in KINDS:
        return test
    kind = KINDS[names]
    values = [
        each
        for value in test.values
        for each in (
            [value] if value.kind == "me" else [Value(kind, pk) for pk in resolution.operand(test.name, value)]
        )
    ]
    values = list(dict.fromkeys(values))
    if test.operator in OF_SEVERAL and len(values) > 1:
        if OF_SEVERAL[test.operator] not in FIELDS[test.name].operators:
            return AnyOf(tuple(replace(test, values=(value,)) for value in values))
        return replace(test, operator=OF_SEVERAL[test.operator], values=tuple(values))
    return replace(test, values=tuple(values))

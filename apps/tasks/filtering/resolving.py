"""What the values of a filter are for a reader: ids instead of names, instants instead of days."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from apps.tasks.filtering.days import Day, moment
from apps.tasks.filtering.errors import FilterError, did_you_mean, near_misses
from apps.tasks.filtering.fields import FIELDS, MOMENT
from apps.tasks.filtering.lookups import LOOKUPS, known_names
from apps.tasks.filtering.nodes import Comparison, Node, Value, each_test
from apps.tasks.filtering.reader import Reader

WHAT = {"projects": "project", "people": "person", "tasks": "task", "labels": "label"}


@dataclass(frozen=True)
class Resolution:
    """What every value of a filter stands for."""

    ids: Mapping[str, Mapping[Value, Any]]  # by kind of name
    moments: Mapping[Value, Day | datetime] = field(default_factory=dict)

    def operand(self, name: str, value: Value) -> Any:
        """Return what a condition takes in place of a value of the field `name`."""
        known = FIELDS[name]
        if known.names:
            return self.ids[known.names][value]
        if value.kind in MOMENT:
            return self.moments[value]
        if known.choices:
            return known.choices.index(value.content) + 1  # the rank, see `_rank` in apps/tasks/models/task.py
        return value.content


def resolve(node: Node | None, reader: Reader) -> Resolution:
    """Look up what a checked filter names, in one statement for each kind of name.

    Raises FilterError `does_not_exist` at the first value that stands for nothing the reader sees, and
    `unknown_value` at a day or instant that no calendar has.
    """
    moments: dict[Value, Day | datetime] = {}
    for test, _ in each_test(node):
        for value in test.values if isinstance(test, Comparison) else ():
            if value.kind in MOMENT and value not in moments:
                moments[value] = moment(value, zone=reader.zone, now=reader.now)
    ids = look_up(node, reader)
    if (unknown := first_unknown(node, ids)) is not None:
        raise _missing(*unknown, near=known_names(unknown[0], reader))
    return Resolution(ids, moments)


def look_up(node: Node | None, reader: Reader) -> Mapping[str, Mapping[Value, Any]]:
    """Return {kind of name: {value: ids}} for what the values of a filter name and the reader sees."""
    wanted: dict[str, dict[Value, None]] = {}
    for test, _ in each_test(node):
        for value in test.values if isinstance(test, Comparison) else ():
            if names := FIELDS[test.name].names:
                wanted.setdefault(names, {})[value] = None
    return {names: LOOKUPS[names](values, reader) for names, values in wanted.items()}


def first_missing(node: Node | None, ids: Mapping[str, Mapping[Value, Any]]) -> FilterError | None:
    """Return the error at the first value of a filter that stands for nothing visible, if there is one."""
    unknown = first_unknown(node, ids)
    return None if unknown is None else _missing(*unknown)


def first_unknown(node: Node | None, ids: Mapping[str, Mapping[Value, Any]]) -> tuple[str, Value] | None:
    """Return the first value of a filter that stands for nothing visible, and of what kind it is a name."""
    for test, _ in each_test(node):
        for value in test.values if isinstance(test, Comparison) else ():
            names = FIELDS[test.name].names
            if names and value not in ids[names]:
                return names, value
    return None


def _missing(names: str, value: Value, *, near: Iterable[str] = ()) -> FilterError:
    misses = near_misses(value.content, near) if value.kind == "text" else []
    detail = did_you_mean(f"You see no {WHAT[names]} `{value.content}`", misses)
    return FilterError(value.place, "does_not_exist", detail, misses)

"""From a syntax tree to the condition of a statement, by shape: the values are bound when it runs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import reduce
from operator import and_, or_
from typing import Any

from django.db.models import Q

from apps.tasks.filtering.binding import Binder, ValueBinder
from apps.tasks.filtering.checking import check
from apps.tasks.filtering.conditions import IsNotTrue
from apps.tasks.filtering.fields import FIELDS, FLAGS
from apps.tasks.filtering.nodes import NEGATED, AllOf, AnyOf, Comparison, Flag, Node, Not, each_test, flattened
from apps.tasks.filtering.reader import Reader
from apps.tasks.filtering.resolving import Resolution, resolve

ARCHIVED = "archived"


@dataclass(frozen=True)
class Composed:
    """A filter as a statement takes it: equal shapes have one text of SQL."""

    condition: Q
    shape: tuple[Any, ...]
    values: Mapping[str, Any]  # by parameter name
    names_archived: bool  # which switches off the list's default, contract FI4
    # Whether all that it finds is assigned to or made by people that it names, and in projects that it names
    names_people: bool = False
    names_project: bool = False


def compose(node: Node | None, reader: Reader, *, bind: Binder | None = None, is_stored: bool = False) -> Composed:
    """Return a filter, flat or not, as a condition; by default with parameters whose names begin with `filter`.

    Raises FilterError for what is wrong with it: limits, fields, operators, values, names.
    A stored one was checked when it was sent.
    """
    if not is_stored:
        check(node)
    return _composed(node, resolve(node, reader), bind or Binder("filter"))


def condition_of(node: Node | None, reader: Reader) -> Q:
    """Return the same condition with the values in it, for a queryset that runs once."""
    return compose(node, reader, bind=ValueBinder(reader.user)).condition


def names_archived(node: Node | None) -> bool:
    """Return whether a filter has the flag `archived` anywhere."""
    return any(isinstance(test, Flag) and test.name == ARCHIVED for test, _ in each_test(node))


def _required(node: Node | None) -> tuple[bool, bool]:
    """Return whether a filter holds only for tasks of people that it names, and of projects that it names."""
    tests = flattened(node) if node is not None else None
    each = tests.items if isinstance(tests, AllOf) else (tests,)
    names = {one.name for one in each if isinstance(one, Comparison) and one.operator in ("=", "in")}
    return bool(names & {"assignee", "creator"}), "project" in names


def _composed(node: Node | None, resolution: Resolution, bind: Binder) -> Composed:
    condition = _condition(flattened(node), resolution, bind, is_required=True) if node is not None else Q()
    return Composed(condition, tuple(bind.shape), bind.values, names_archived(node), *_required(node))


def _condition(node: Node, resolution: Resolution, bind: Binder, *, is_required: bool = False) -> Q:
    bind.shape.append(type(node).__name__)
    match node:
        case AllOf(items) | AnyOf(items):
            bind.shape.append(len(items))
            is_required = is_required and isinstance(node, AllOf)
            parts = [_condition(item, resolution, bind, is_required=is_required) for item in items]
            return reduce(and_ if isinstance(node, AllOf) else or_, parts)
        case Not(item):
            return Q(IsNotTrue(_condition(item, resolution, bind)))
        case Flag(name):
            bind.shape.append(name)
            return FLAGS[name].condition(bind)
    bind.is_required = is_required and node.operator not in NEGATED
    return _comparison(node, resolution, bind)


def _comparison(test: Comparison, resolution: Resolution, bind: Binder) -> Q:
    operator = NEGATED.get(test.operator, test.operator)
    bind.shape += [test.name, test.operator, len(test.values) if operator == "all" else 0]
    operands = [resolution.operand(test.name, value) for value in test.values]
    condition = FIELDS[test.name].condition(operator, operands, bind)
    return condition if operator == test.operator else Q(IsNotTrue(condition))

"""The syntax tree of a filter: what a text and its JSON form are both read into."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

Kind = Literal[
    "text", "number", "day", "instant", "relative", "me", "user", "label", "project", "task", "keyword", "other"
]
NEGATED = {"!=": "=", "not in": "in", "none": "in", "not empty": "empty"}  # operator -> what it is the opposite of
LISTS = ("in", "not in", "all", "none")


@dataclass(frozen=True)
class Place:
    """Where something was written: a JSON Pointer, and in a text the position and length in characters."""

    pointer: str = "/filter"
    position: int | None = None
    length: int = 0


NOWHERE = Place()


@dataclass(frozen=True)
class Value:
    """A value as written. `content` is a str, for `number` and ids an int, for `relative` a (base, offset)."""

    kind: Kind
    content: Any = None
    place: Place = field(default=NOWHERE, compare=False)


@dataclass(frozen=True)
class Comparison:
    """A field, an operator and its values: one, several for LISTS, none for `empty` and `not empty`."""

    name: str
    operator: str
    values: tuple[Value, ...] = ()
    place: Place = field(default=NOWHERE, compare=False)
    operator_place: Place = field(default=NOWHERE, compare=False)


@dataclass(frozen=True)
class Flag:
    """A condition by its name alone."""

    name: str
    place: Place = field(default=NOWHERE, compare=False)


@dataclass(frozen=True)
class Not:
    """The opposite of a filter."""

    item: Node


@dataclass(frozen=True)
class AllOf:
    """What is found by each of several filters."""

    items: tuple[Node, ...]


@dataclass(frozen=True)
class AnyOf:
    """What is found by one of several filters."""

    items: tuple[Node, ...]


Test: TypeAlias = Comparison | Flag
Node: TypeAlias = Comparison | Flag | Not | AllOf | AnyOf


def inner(node: Node) -> tuple[Node, ...]:
    """Return the filters directly below one."""
    match node:
        case Not(item):
            return (item,)
        case AllOf(items) | AnyOf(items):
            return items
    return ()


def each_test(node: Node | None) -> Iterator[tuple[Test, int]]:
    """Yield every test in the order of the text, each with the number of nodes above it."""
    waiting = [(node, 0)] if node is not None else []
    while waiting:
        current, depth = waiting.pop()
        if isinstance(current, Comparison | Flag):
            yield current, depth
        else:
            waiting += [(each, depth + 1) for each in reversed(inner(current))]


def each_value(node: Node | None) -> Iterator[Value]:
    """Yield every value in the order of the text."""
    for test, _ in each_test(node):
        yield from getattr(test, "values", ())


def flattened(node: Node) -> Node:
    """Return the same filter without an `and` directly in an `and`, an `or` in an `or`, or either of a single one.

    `node` must be within the limit of depth.
    """
    if isinstance(node, Not):
        return Not(flattened(node.item))
    if not isinstance(node, AllOf | AnyOf):
        return node
    kind = type(node)
    items: list[Node] = []
    for each in map(flattened, node.items):
        items += each.items if isinstance(each, kind) else [each]
    return items[0] if len(items) == 1 else kind(tuple(items))

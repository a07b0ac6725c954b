"""From a syntax tree to its text, in normalised form."""

from __future__ import annotations

import re

from apps.tasks.filtering.nodes import LISTS, AllOf, AnyOf, Comparison, Flag, Node, Not, Value
from apps.tasks.filtering.parsing import is_plain_word

QUOTED = re.compile(r"[\\']")


def write(node: Node | None) -> str:
    """Return the text that is read into the same tree, if that is flattened; "" for the empty filter."""
    return "" if node is None else _write(node, above=None)


def _write(node: Node, *, above: type[Node] | None) -> str:
    match node:
        case Flag(name):
            return name
        case Not(item):
            inside = _write(item, above=None)
            return f"not {inside}" if isinstance(item, Flag | Comparison) else f"not ({inside})"
        case AllOf(items):
            return " and ".join(_write(item, above=AllOf) for item in items)
        case AnyOf(items):
            text = " or ".join(_write(item, above=AnyOf) for item in items)
            return f"({text})" if above is AllOf else text
    if node.operator in LISTS:
        return f"{node.name} {node.operator} ({', '.join(map(write_value, node.values))})"
    if node.values:
        return f"{node.name} {node.operator} {write_value(node.values[0])}"
    return f"{node.name} is {node.operator}"


def write_value(value: Value) -> str:
    """Return a value as it is written in a text; ids of people, labels, projects and tasks as numbers."""
    match value.kind:
        case "me":
            return "me"
        case "relative":
            return "".join(value.content)
        case "text":
            return value.content if is_plain_word(value.content) else f"'{QUOTED.sub(_escaped, value.content)}'"
    return str(value.content)


def _escaped(found: re.Match[str]) -> str:
    return f"\\{found[0]}"

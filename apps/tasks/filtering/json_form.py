"""The syntax tree as JSON, both ways (contract FI7)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from apps.tasks.filtering.days import BASES, OFFSET, is_day, is_full_instant
from apps.tasks.filtering.errors import FilterError
from apps.tasks.filtering.limits import MAX_DEPTH, MAX_TESTS, too_deep, too_many_tests
from apps.tasks.filtering.nodes import LISTS, AllOf, AnyOf, Comparison, Flag, Kind, Node, Not, Place, Value
from apps.tasks.filtering.parsing import MAX_LENGTH, UNSTORABLE

OPERATORS = ("=", "!=", "<", "<=", ">", ">=", "~", *LISTS)
WITHOUT_VALUE = ("empty", "not empty")
ID_KINDS: tuple[Kind, ...] = ("user", "label", "project", "task")
ID_MAX = 2**63 - 1


def as_json(node: Node | None) -> Any:
    """Return the JSON form of a filter, None for the empty one."""
    match node:
        case None:
            return None
        case AllOf(items):
            return {"and": [as_json(item) for item in items]}
        case AnyOf(items):
            return {"or": [as_json(item) for item in items]}
        case Not(item):
            return {"not": as_json(item)}
        case Flag(name):
            return {"flag": name}
    shown: dict[str, Any] = {"field": node.name, "op": node.operator}
    if node.operator in LISTS:
        shown["value"] = [_value_as_json(value) for value in node.values]
    elif node.values:
        shown["value"] = _value_as_json(node.values[0])
    return shown


def _value_as_json(value: Value) -> Any:
    match value.kind:
        case "text" | "number":
            return value.content
        case "relative":
            base, offset = value.content
            return {"rel": base, "offset": offset} if offset else {"rel": base}
        case "me":
            return {"me": True}
    return {value.kind: value.content}


def read_json(given: Any, *, pointer: str = "/ast", is_stored: bool = False) -> Node | None:
    """Return the syntax tree of a filter in its JSON form.

    Raises FilterError at a pointer below `pointer`: `syntax`, or a limit (contract FI6) that holds while reading; for
    what was stored the limits have held, for what was sent.
    """
    return None if given is None else _Reader(is_limited=not is_stored).node(given, pointer, 0)


class _Reader:
    """Reads one filter; counts its tests and the characters of its texts, so that nothing large is gone through."""

    def __init__(self, *, is_limited: bool) -> None:
        self.is_limited = is_limited
        self.tests = 0
        self.characters = 0

    def node(self, given: Any, pointer: str, depth: int) -> Node:
        if self.is_limited and depth > MAX_DEPTH:
            raise too_deep(Place(pointer))
        if not isinstance(given, dict):
            raise _syntax(pointer, "A filter is an object with `and`, `or`, `not`, `field` or `flag`.")
        if given.keys() == {"not"}:
            return Not(self.node(given["not"], f"{pointer}/not", depth + 1))
        for word, kind in (("and", AllOf), ("or", AnyOf)):
            if given.keys() == {word}:
                return kind(self.nodes(given[word], f"{pointer}/{word}", depth + 1))
        self.tests += 1
        if self.is_limited and self.tests > MAX_TESTS:
            raise too_many_tests(Place(pointer))
        if given.keys() == {"flag"}:
            return Flag(self.text(given["flag"], f"{pointer}/flag").lower(), Place(f"{pointer}/flag"))
        return self.comparison(given, pointer)

    def nodes(self, given: Any, pointer: str, depth: int) -> tuple[Node, ...]:
        if not isinstance(given, list) or not given:
            raise _syntax(pointer, "Give a list of at least one filter.")
        return tuple(self.node(item, f"{pointer}/{index}", depth) for index, item in enumerate(given))

    def comparison(self, given: Mapping[str, Any], pointer: str) -> Comparison:
        operator = given.get("op")
        members = {"field", "op"} if operator in WITHOUT_VALUE else {"field", "op", "value"}
        if given.keys() != members:
            raise _syntax(pointer, f"A test has the members {', '.join(f'`{name}`' for name in sorted(members))}.")
        if operator not in (*OPERATORS, *WITHOUT_VALUE):
            detail = f"The operators are {', '.join(f'`{name}`' for name in (*OPERATORS, *WITHOUT_VALUE))}."
            raise FilterError(Place(f"{pointer}/op"), "unknown_operator", detail, (*OPERATORS, *WITHOUT_VALUE))
        name = self.text(given["field"], f"{pointer}/field").lower()
        values = self.values(given["value"], f"{pointer}/value", operator) if "value" in given else ()
        return Comparison(name, operator, values, Place(f"{pointer}/field"), Place(f"{pointer}/op"))

    def values(self, given: Any, pointer: str, operator: str) -> tuple[Value, ...]:
        if operator not in LISTS:
            return (self.value(given, pointer),)
        if not isinstance(given, list) or not given:
            raise _syntax(pointer, f"`{operator}` takes a list of at least one value.")
        return tuple(self.value(item, f"{pointer}/{index}") for index, item in enumerate(given))

    def value(self, given: Any, pointer: str) -> Value:
        place = Place(pointer)
        if isinstance(given, str):
            return Value("text", self.text(given, pointer), place)
        if type(given) is int:
            return Value("number", given, place)
        if isinstance(given, dict):
            for is_form, read in FORMS:
                if is_form(given):
                    return read(given, place)
        raise _syntax(pointer, "This is no value: see the AST in docs/filters.md.")

    def text(self, given: Any, pointer: str) -> str:
        if not isinstance(given, str):
            raise _syntax(pointer, "Give a text.")
        if UNSTORABLE.search(given):
            raise _syntax(pointer, "The text has characters that cannot be part of one.")
        self.characters += len(given)
        if self.is_limited and self.characters > MAX_LENGTH:
            raise FilterError(Place(pointer), "too_long", f"A filter has at most {MAX_LENGTH:,} characters.")
        return given


def _is_relative(given: Mapping[str, Any]) -> bool:
    offset = given.get("offset", "")
    return (
        given.keys() | {"offset"} == {"rel", "offset"}
        and given["rel"] in BASES
        and isinstance(offset, str)
        and (not offset or OFFSET.fullmatch(offset) is not None)
    )


def _is_id(given: Mapping[str, Any]) -> bool:
    (name, content), *others = given.items() if given else (("", None),)
    return not others and name in ID_KINDS and type(content) is int and 0 <= content <= ID_MAX


def _is_text(name: str, is_written_as: Callable[[str], bool]) -> Callable[[Mapping[str, Any]], bool]:
    return lambda given: given.keys() == {name} and isinstance(given[name], str) and is_written_as(given[name])


FORMS: list[tuple[Callable[[Mapping[str, Any]], bool], Callable[[Mapping[str, Any], Place], Value]]] = [
    (lambda given: given.keys() == {"me"} and given["me"] is True, lambda given, place: Value("me", None, place)),
    (_is_text("day", is_day), lambda given, place: Value("day", given["day"], place)),
    (_is_text("instant", is_full_instant), lambda given, place: Value("instant", given["instant"].upper(), place)),
    (_is_relative, lambda given, place: Value("relative", (given["rel"], given.get("offset", "")), place)),
    (_is_id, lambda given, place: Value(next(iter(given)), next(iter(given.values())), place)),  # type: ignore[arg-type]
]


def _syntax(pointer: str, detail: str) -> FilterError:
    return FilterError(Place(pointer), "syntax", detail)

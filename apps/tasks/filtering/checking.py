"""Whether the fields, operators and values of a filter fit each other; nothing is looked up for it."""

from __future__ import annotations

from apps.common.dates.instants import is_instant
from apps.common.text.normal_form import normal_form
from apps.tasks.filtering.errors import FilterError, did_you_mean, near_misses
from apps.tasks.filtering.fields import FIELDS, FLAGS, MINUTES_MAX, Field
from apps.tasks.filtering.limits import check_limits
from apps.tasks.filtering.nodes import Comparison, Flag, Node, Value, each_test
from apps.tasks.models import KEY

ID_MAX = 2**63 - 1
OF_A_READER = {"watching", "unread", "watcher"}
WRITTEN = {
    "text": "a text",
    "number": "a number",
    "day": "a day",
    "instant": "an instant",
    "relative": "a relative day",
    "me": "`me`",
    "keyword": "a keyword",
}


def check(node: Node | None) -> None:
    """Raise FilterError at the first thing that is wrong: a limit, then fields, operators and values."""
    check_limits(node)
    for test, _ in each_test(node):
        if isinstance(test, Flag):
            _check_flag(test)
        else:
            _check_comparison(test)


def check_for_nobody(node: Node | None) -> None:
    """Raise FilterError `not_allowed_here` at the first thing that needs a reader: a webhook has none (FI10)."""
    for test, _ in each_test(node):
        if test.name in OF_A_READER:
            raise FilterError(
                test.place, "not_allowed_here", f"`{test.name}` needs a signed-in person; there is none here."
            )
        for value in test.values if isinstance(test, Comparison) else ():
            if value.kind == "me":
                raise FilterError(value.place, "not_allowed_here", "`me` needs a signed-in person; there is none here.")


def _check_flag(flag: Flag) -> None:
    if flag.name in FLAGS:
        return
    if flag.name in FIELDS:
        operators = FIELDS[flag.name].operators
        detail = f"The field `{flag.name}` needs an operator: {_listed(operators)}."
        raise FilterError(flag.place, "syntax", detail, operators)
    raise _unknown(flag.name, flag, (*FLAGS, *FIELDS), "flag")


def _check_comparison(test: Comparison) -> None:
    field = FIELDS.get(test.name)
    if field is None:
        if test.name in FLAGS:
            detail = f"`{test.name}` is a flag: it takes no operator and no value."
            raise FilterError(test.operator_place, "unknown_operator", detail)
        raise _unknown(test.name, test, FIELDS, "field")
    if test.operator not in field.operators:
        detail = f"`{test.name}` does not take `{test.operator}`, but {_listed(field.operators)}."
        raise FilterError(test.operator_place, "unknown_operator", detail, field.operators)
    for value in test.values:
        _check_value(test.name, field, value)


def _unknown(name: str, test: Flag | Comparison, known: object, what: str) -> FilterError:
    misses = near_misses(name, known)  # type: ignore[arg-type]
    detail = did_you_mean(f"There is no {what} `{name}`", misses)
    return FilterError(test.place, "unknown_field", detail, misses or known)  # type: ignore[arg-type]


def _check_value(name: str, field: Field, value: Value) -> None:
    if value.kind not in field.kinds:
        detail = f"`{name}` takes {field.values}, not {WRITTEN.get(value.kind, f'`{value.kind}`')}."
        if "text" in field.kinds and not field.choices:
            detail += " Write text in quotes."
        elif value.kind == "text" and is_instant(value.content):
            detail += " An instant ends with `Z` or its offset from UTC."
        raise FilterError(value.place, "wrong_type", detail, field.choices)
    if field.choices and value.content not in field.choices:
        misses = near_misses(value.content, field.choices)
        detail = did_you_mean(f"`{name}` is never `{value.content}`", misses)
        raise FilterError(value.place, "unknown_value", detail, misses or field.choices)
    if name == "duration" and not 0 <= value.content <= MINUTES_MAX:
        raise FilterError(value.place, "unknown_value", f"A duration has 0 to {MINUTES_MAX:,} minutes.")
    if value.kind == "text" and field.names == "tasks" and not is_key(value.content):
        raise FilterError(value.place, "wrong_type", f"`{value.content}` is not the key of a task, such as `WEB-12`.")


def is_key(text: str) -> bool:
    """Return whether a text is written as the key of a task."""
    return KEY.match(normal_form(text).upper()) is not None


def _listed(words: tuple[str, ...]) -> str:
    return ", ".join(f"`{word}`" for word in words)

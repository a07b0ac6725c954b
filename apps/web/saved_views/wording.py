"""What a list's parameters say, in the filter language: "save as view" keeps it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import QueryDict

from apps.common.language.problems import translated
from apps.tasks.filtering.checking import check
from apps.tasks.filtering.errors import FilterError
from apps.tasks.filtering.parsing import parse
from apps.tasks.filtering.writing import write

FLAGS = {"overdue": "overdue", "archived": "archived", "blocked": "blocked", "blocking": "blocking"}
FLAGS |= {"has_attachments": "has_files", "unread": "unread"}
SETS = {"label_any": "in", "label_all": "all", "label_none": "none"}
PEOPLE = {"assigned_to": "assignee", "created_by": "creator"}
INSTANTS = {
    "due_after": "due >=",
    "due_before": "due <",
    "created_after": "created >=",
    "created_before": "created <",
    "updated_after": "updated >=",
}
# What pages a list, or is kept beside the filter
BESIDE = frozenset({"project", "ordering", "cursor", "page_size", "count", "tz", "view", "archived"})


def as_filter(query: QueryDict, people: Mapping[str, str]) -> tuple[str, list[str]]:
    """Return the filter that finds what the parameters find, and the names of those that it cannot say.

    `people` has usernames by the id that a parameter holds. Raises FilterError for a wrong `filter`.
    """
    tests, left_out = [], []
    for name, sent in query.lists():
        values = [value for value in sent if value.strip()]
        if not values or (name in BESIDE and not (name == "archived" and values[-1] == "true")):
            continue
        test = _test(name, values, people)
        if test is None:
            left_out.append(name)
        elif test:
            tests.append(test)
    node = parse(" and ".join(tests))
    check(node)
    return write(node), left_out


def place_of(error: FilterError, text: str) -> dict[str, str]:
    """Return what is wrong with a filter, and its text before, at and behind that place."""
    (entry,) = error.errors
    start: Any = entry.extra.get("position", len(text))
    end = start + entry.extra.get("length", 0)
    return {"detail": translated(entry.detail), "before": text[:start], "at": text[start:end], "behind": text[end:]}


def _test(name: str, values: list[str], people: Mapping[str, str]) -> str | None:
    value = values[-1]
    if name in ("status", "priority"):
        return f"{name} in ({', '.join(values)})"
    if name in FLAGS:
        return FLAGS[name] if value == "true" else f"not {FLAGS[name]}"
    if name in SETS:
        return f"label {SETS[name]} ({', '.join(_label(each) for each in values)})"
    if name in PEOPLE:
        return _person(PEOPLE[name], value, people)
    if name in INSTANTS:
        return f"{INSTANTS[name]} {value}"
    plain = {"search": f"text ~ {_quoted(value)}", "watching": "watching", "filter": f"({value})"}
    plain |= {"has_labels": "label is not empty" if value == "true" else "label is empty"}
    plain |= {
        "parent": "parent is empty" if value == "none" else f"parent = {value}",
        "subtree_of": f"subtree = {value}",
    }
    return plain.get(name)


def _person(field: str, value: str, people: Mapping[str, str]) -> str | None:
    if value == "none":
        return f"{field} is empty"
    if value == "me":
        return f"{field} = me"
    return f"{field} = {_quoted(people[value])}" if value in people else None


def _label(value: str) -> str:
    named = value.removeprefix("name:")
    return value if named == value else _quoted(named)


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'

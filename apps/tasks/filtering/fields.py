"""The table of fields and flags: which operators and values each takes, and its condition."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Q

from apps.tasks.filtering import conditions
from apps.tasks.filtering.binding import Binder
from apps.tasks.filtering.conditions import Due, Moment, Number, OneOfIds
from apps.tasks.filtering.nodes import Kind
from apps.tasks.models import Priority, Status

EQUAL = ("=", "!=")
ORDERED = (*EQUAL, "<", "<=", ">", ">=")
LISTED = ("in", "not in")
EMPTY = ("empty", "not empty")
MINUTES_MAX = 2**31 - 1  # the column's

# (operator without negation, operands, binder) -> condition; the operands depend on the kind of field
Condition = Callable[[str, Sequence[Any], Binder], Q]


@dataclass(frozen=True)
class Field:
    """What a field takes.

    `names` says what its values stand for: ids of projects, people, labels or tasks that are looked up for the
    reader. `choices` are the words of an enum, in the order of their ranks.
    """

    operators: tuple[str, ...]
    kinds: tuple[Kind, ...]
    condition: Condition
    values: str  # in the documentation and in errors
    names: str = ""
    choices: tuple[str, ...] = ()


@dataclass(frozen=True)
class FlagField:
    """A condition by its name alone."""

    condition: Callable[[Binder], Q]
    meaning: str


PERSON: tuple[Kind, ...] = ("text", "me", "user")
TASK: tuple[Kind, ...] = ("text", "number", "task")
MOMENT: tuple[Kind, ...] = ("day", "instant", "relative")

FIELDS: Mapping[str, Field] = {
    "project": Field((*EQUAL, *LISTED), ("text", "number", "project"), OneOfIds("project_id"), "key or id", "projects"),
    "key": Field((*EQUAL, *LISTED), ("text", "task"), OneOfIds("pk"), "a task's key", "tasks"),
    "title": Field((*EQUAL, "~"), ("text",), conditions.title, "text"),
    "text": Field(("~",), ("text",), conditions.text, "words"),
    "status": Field(
        (*ORDERED, *LISTED), ("text",), Number("status_rank"), "one of its words", choices=tuple(Status.values)
    ),
    "priority": Field(
        (*ORDERED, *LISTED), ("text",), Number("priority_rank"), "one of its words", choices=tuple(Priority.values)
    ),
    "assignee": Field((*EQUAL, *LISTED, *EMPTY), PERSON, OneOfIds("assigned_to_id"), "username or `me`", "people"),
    "creator": Field((*EQUAL, *LISTED, *EMPTY), PERSON, OneOfIds("created_by_id"), "username or `me`", "people"),
    "watcher": Field((*EQUAL, *LISTED), PERSON, conditions.watcher, "username or `me`", "people"),
    "label": Field(
        (*EQUAL, *LISTED, "all", "none", *EMPTY), ("text", "number", "label"), conditions.label, "name or id", "labels"
    ),
    "due": Field((*ORDERED, *EMPTY), MOMENT, Due(), "day, instant or relative day"),
    "created": Field(ORDERED, MOMENT, Moment("created_at"), "day, instant or relative day"),
    "updated": Field(ORDERED, MOMENT, Moment("updated_at"), "day, instant or relative day"),
    "completed": Field((*ORDERED, *EMPTY), MOMENT, Moment("completed_at"), "day, instant or relative day"),
    "duration": Field((*ORDERED, *EMPTY), ("number",), Number("duration"), "minutes"),
    "parent": Field((*EQUAL, *LISTED, *EMPTY), TASK, OneOfIds("parent_id"), "a task's key or id", "tasks"),
    "subtree": Field(("=",), TASK, conditions.subtree, "a task's key or id", "tasks"),
}
FLAGS: Mapping[str, FlagField] = {
    "overdue": FlagField(conditions.is_overdue, "past its due date and neither done nor archived"),
    "blocked": FlagField(conditions.is_blocked, "open, and blocked by a task that is open"),
    "blocking": FlagField(conditions.is_blocking, "open, and blocks a task that is open"),
    "watching": FlagField(conditions.is_watching, "that the caller watches"),
    "unread": FlagField(conditions.is_unread, "with a notification that the caller has not read in the app"),
    "has_files": FlagField(conditions.has_files, "with files"),
    "has_comments": FlagField(conditions.has_comments, "with comments"),
    "archived": FlagField(conditions.is_archived, "archived itself or with its project"),
    "root": FlagField(conditions.is_root, "below no other task"),
}

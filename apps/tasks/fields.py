"""The fields of a task that people write, each said once.

Creation, editing, history, notifications, the admin's form and the report derive from `FIELDS`. The column stands in
`models/task.py`, the shape in `serializers.py`, a filter in `filters.py`; `docs/contributing.md` has the whole list.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal, TypedDict

Kind = Literal["text", "choice", "person", "task", "instant", "day", "minutes", "flag", "json", "labels"]


@dataclass(frozen=True)
class TaskField:
    """One field: its API `name`, the model's `attribute`, and how people read it.

    `kind` says how its values are put into words, `label` names it in notifications (empty: changes of it alone notify
    nobody and are not shown), `verb` is the history's word when it alone changes. `is_initial` lists it in the history
    of a creation. `report` is its column in the CSV report, empty for none.
    """

    name: str
    attribute: str
    kind: Kind
    label: str
    verb: str = "updated"
    is_initial: bool = False
    report: str = ""

    @property
    def path(self) -> str:
        """Return where a report reads it from, across relations."""
        return f"{self.name}__username" if self.kind == "person" else self.attribute


class TaskFields(TypedDict, total=False):
    """What `create_task` takes beside the project: see `FIELDS`.

    `assigned_to` is a person's id, `parent` a task's, `duration` minutes.
    """

    description: str
    status: str
    priority: str
    assigned_to: int | None
    due_date: datetime | None
    due_on: date | None
    duration: int | None
    parent: int | None
    metadata: dict[str, Any]


FIELDS = (
    TaskField("title", "title", "text", "Title", is_initial=True, report="title"),
    TaskField("description", "description", "text", "Description", report="description"),
    TaskField("status", "status", "choice", "Status", verb="status_changed", is_initial=True, report="status"),
    TaskField("priority", "priority", "choice", "Priority", is_initial=True, report="priority"),
    TaskField("assigned_to", "assigned_to_id", "person", "Assignee", "assigned", is_initial=True, report="assigned_to"),
    TaskField("due_date", "due_date", "instant", "Due", is_initial=True, report="due_date"),
    TaskField("due_on", "due_on", "day", "Due on", is_initial=True, report="due_on"),
    TaskField("duration", "duration", "minutes", "Estimate", report="duration_minutes"),
    TaskField("parent", "parent_id", "task", "Parent", is_initial=True, report="parent"),
    TaskField("metadata", "metadata", "json", ""),
)
BY_NAME: Mapping[str, TaskField] = {field.name: field for field in FIELDS}
# What changes by acts of their own, and is shown like a field
SHOWN_CHANGES = (
    *FIELDS,
    TaskField("is_archived", "is_archived", "flag", "Archived"),
    TaskField("key", "key", "text", "Key"),
    TaskField("labels", "labels", "labels", "Labels"),
)


def verb_of(changed: Mapping[str, Any]) -> str:
    """Return the history's verb for a change of these fields in one act."""
    verbs = {BY_NAME[name].verb if name in BY_NAME else "updated" for name in changed}
    return verbs.pop() if len(changed) == 1 else "updated"


def is_silent(changed: Mapping[str, Any]) -> bool:
    """Return whether a change of these fields alone notifies nobody."""
    return all(name in BY_NAME and not BY_NAME[name].label for name in changed)

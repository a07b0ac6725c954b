"""Two people changed a task at once: what each of them wrote (PG3)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from apps.common.dates.instants import utc
from apps.tasks.fields import BY_NAME
from apps.tasks.models import Label, Task
from apps.tasks.wording import changes_in_words
from apps.users.models import User
from apps.users.people import people


@dataclass(frozen=True)
class Difference:
    """A field with both of its texts."""

    label: str
    mine: str
    stored: str


def differences(task: Task, values: Mapping[str, Any], *, actor: User) -> list[Difference]:
    """Return the fields in which what `actor` sent differs from what is stored by now."""
    changes: dict[str, Any] = {}
    for name, field in BY_NAME.items():
        if name in values and field.kind not in ("labels", "task"):
            stored = getattr(task, field.attribute)
            if values[name] != stored:
                changes[name] = {"from": _plain(stored), "to": _plain(values[name])}
    changes |= _named(task, values)
    ids = [changes["assigned_to"][side] for side in ("from", "to")] if "assigned_to" in changes else []
    known = people({pk for pk in ids if pk})
    texts = [name for name in ("title", "description") if name in changes]  # in full, both of them
    found = [Difference(BY_NAME[name].label, changes[name]["to"], changes[name]["from"]) for name in texts]
    rest = {name: change for name, change in changes.items() if name not in texts}
    words = changes_in_words(rest, people=known, zone=actor.timezone)
    return found + [Difference(change.label, change.new or "nothing", change.old or "nothing") for change in words]


def _named(task: Task, values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the changes of parent and labels as the history has them: by key, and by name."""
    changes: dict[str, Any] = {}
    if "parent" in values and values["parent"] != task.parent_id:
        ids = [pk for pk in (task.parent_id, values["parent"]) if pk]
        keys = {each.pk: {"key": each.key} for each in Task.objects.filter(pk__in=ids).select_related("project")}
        changes["parent"] = {"from": keys.get(task.parent_id or 0), "to": keys.get(values["parent"])}
    stored = list(Label.objects.filter(task_labels__task=task).by_name())
    if "labels" in values and set(values["labels"]) != {label.pk for label in stored}:
        sent = Label.objects.filter(project=task.project_id, pk__in=values["labels"]).by_name()
        changes["labels"] = {
            "from": [{"name": each.name} for each in stored],
            "to": [{"name": each.name} for each in sent],
        }
    return changes


def _plain(value: Any) -> Any:
    return utc(value) if hasattr(value, "astimezone") else value

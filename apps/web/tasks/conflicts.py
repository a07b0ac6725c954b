"""Two people changed a task at once: what each of them wrote (PG3)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from apps.common.instants import utc
from apps.tasks.fields import BY_NAME
from apps.tasks.models import Task
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
    changes = {}
    for name, field in BY_NAME.items():
        stored = getattr(task, field.attribute)
        if name in values and values[name] != stored:
            changes[name] = {"from": _plain(stored), "to": _plain(values[name])}
    named = [changes["assigned_to"][side] for side in ("from", "to")] if "assigned_to" in changes else []
    known = people({pk for pk in named if pk})
    long = {"title", "description"}
    found = [
        Difference(BY_NAME[name].label, changes[name]["to"], changes[name]["from"]) for name in long & set(changes)
    ]
    rest = {name: change for name, change in changes.items() if name not in long}
    words = changes_in_words(rest, people=known, zone=actor.timezone)
    return found + [Difference(change.label, change.new or "nothing", change.old or "nothing") for change in words]


def _plain(value: Any) -> Any:
    return utc(value) if hasattr(value, "astimezone") else value

"""What is to be done to many tasks, as a request says it and a batch in the background keeps it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from apps.batches.models import Action
from apps.common.errors import FieldError, ValidationError
from apps.projects.services.events import plain
from apps.tasks.fields import BY_NAME

# How values of a kind are read that JSON has as text
FROM_TEXT = {"instant": datetime.fromisoformat, "day": date.fromisoformat}


@dataclass(frozen=True)
class Order:
    """What is to be done to each task.

    `changes` has API names with checked values; `fault` is what is wrong with them, which every task that the actor may
    write fails with. `versions` maps a task's id to the version it must have.
    """

    action: Action
    changes: Mapping[str, Any] = field(default_factory=dict)
    fault: ValidationError | None = None
    versions: Mapping[int, int] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """Return the order as a batch keeps it."""
        fault = self.fault.errors[0] if self.fault else None
        return {
            "action": self.action.value,
            "changes": {name: plain(value) for name, value in self.changes.items()},
            "fault": [fault.pointer, fault.code, fault.detail] if fault else None,
            "versions": {str(task_id): version for task_id, version in self.versions.items()},
        }

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> Order:
        """Return the order that `as_json` described."""
        return cls(
            action=Action(kept["action"]),
            changes={name: value_of(name, value) for name, value in kept["changes"].items()},
            fault=ValidationError(FieldError(*kept["fault"])) if kept["fault"] else None,
            versions={int(task_id): version for task_id, version in kept["versions"].items()},
        )


@dataclass(frozen=True)
class NewTask:
    """A task to be created from checked fields; `above` is the position of its parent in the list, if it is there."""

    fields: Mapping[str, Any]
    above: int | None = None


def value_of(name: str, value: Any) -> Any:
    """Return a field's value as services take it, from its JSON value."""
    read = FROM_TEXT.get(BY_NAME[name].kind) if name in BY_NAME and value is not None else None
    return read(value) if read else value

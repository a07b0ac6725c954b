"""What the judgement of a write of several locked tasks reads beside their rows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property
from typing import Any

from apps.common.errors import DomainError, ValidationError
from apps.tasks.days.settling import Zones
from apps.tasks.labels.services import WRITTEN, WantedLabels, carried_by_each, find_labels
from apps.tasks.locking import Authority, LockedTask
from apps.tasks.models import Task
from apps.tasks.relations.services import Blocking
from apps.tasks.subtasks.placing import parents_of
from apps.tasks.subtasks.tree import Below, with_below


class Surroundings:
    """Reads each kind of thing once for all tasks, when the first judgement asks for it."""

    def __init__(self, locked: Sequence[LockedTask], authority: Authority, changes: Mapping[str, Any]) -> None:
        self.authority, self.changes = authority, changes
        self._tasks = [each.task for each in locked]
        self._labels: dict[int, WantedLabels | ValidationError | None] = {}

    def labels(self, project_id: int) -> WantedLabels | None:
        """Return what the changes want of the project's labels; ValidationError at one that it does not have."""
        if not self.changes.keys() & set(WRITTEN):
            return None
        if project_id not in self._labels:
            try:
                self._labels[project_id] = find_labels(project_id, self.changes)
            except ValidationError as error:
                self._labels[project_id] = error
        found = self._labels[project_id]
        if isinstance(found, ValidationError):
            raise found
        return found

    def may_have_active_below(self, task: Task) -> bool:
        """Return False for a task without active sub-tasks; of a single task nobody has looked yet."""
        return len(self._tasks) == 1 or task.pk in self._with_active_below

    @cached_property
    def _with_active_below(self) -> set[int]:
        return with_below(self._ids(), Below.ACTIVE)

    @cached_property
    def carried(self) -> Mapping[int, list[dict[str, Any]]]:
        """Return the labels that the tasks carry, by task."""
        return carried_by_each(self._ids())

    @cached_property
    def zones(self) -> Zones:
        """Return the time zones of the assignees, the wanted one included."""
        people: Iterable[int | None] = {task.assigned_to_id for task in self._tasks}
        return Zones(self.authority.user, {*people, self.changes.get("assigned_to")})

    @cached_property
    def blocking(self) -> Blocking:
        """Return the blocks around the tasks."""
        return Blocking(self._ids())

    def parent_of(self, task: Task) -> Task | None:
        """Return the parent of one of the tasks, or None."""
        return self._parents.get(task.parent_id or 0)

    @cached_property
    def _parents(self) -> Mapping[int, Task]:
        return parents_of(self._tasks)

    def _ids(self) -> list[int]:
        return [task.pk for task in self._tasks]


def failures_of(judge: Callable[[Task], None], tasks: Iterable[Task]) -> dict[int, DomainError]:
    """Judge the tasks one after the other; return by id what was wrong with those that failed."""
    failures: dict[int, DomainError] = {}
    for task in tasks:
        try:
            judge(task)
        except DomainError as error:
            failures[task.pk] = error
    return failures

"""What stands around a task: its parent and sub-tasks, its relations, who watches it."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy

from apps.common.lists.criteria import USER
from apps.common.lists.kept import find_rows
from apps.common.sql.statements import AnyOf, Parameter
from apps.projects.models import Membership
from apps.tasks.models import Relation, Task
from apps.tasks.watching.reading import WatchState, watch_state, watchers_by_date
from apps.users.models import User

KINDS = {
    "blocked_by": gettext_lazy("Waits for"),
    "blocks": gettext_lazy("Holds up"),
    "relates": gettext_lazy("Related to"),
    "duplicates": gettext_lazy("Duplicate of"),
    "duplicated_by": gettext_lazy("Duplicated by"),
}


@dataclass(frozen=True)
class Neighbour:
    """A relation as it reads from the task; `task` is None where the reader does not see the other end."""

    relation: Relation
    words: str
    task: Task | None


@dataclass(frozen=True)
class Surroundings:
    """All of it, for one reader."""

    parent: Task | None
    subtasks: list[Task]
    neighbours: list[Neighbour]
    watchers: list[Membership]
    watch: WatchState

    @property
    def is_blocked(self) -> bool:
        """Return whether it waits for a task that is open, or that the reader does not see."""
        waits = [each for each in self.neighbours if each.words == str(KINDS["blocked_by"])]
        return any(each.task is None or each.task.is_open for each in waits)


def surroundings_of(task: Task, reader: User) -> Surroundings:
    """Return what stands around `task`, which the reader sees and whose `role` it has."""
    above = _found(reader, [task.parent_id]) if task.parent_id else []
    values = {"user": reader.pk, "task": task.pk}
    subtasks = find_rows("sub-tasks of a task", _subtasks, values) if task.subtasks_total else []
    return Surroundings(
        parent=above[0] if above else None,
        subtasks=subtasks,
        neighbours=_neighbours(task, reader),
        watchers=watchers_by_date(task),
        watch=watch_state(reader, task),
    )


def _visible() -> QuerySet[Task]:
    shown = Task.objects.visible_to(USER).select_related("project", "assigned_to")
    return shown.defer("description", "metadata")


def _subtasks() -> QuerySet[Task]:
    return _visible().filter(parent=Parameter("task"), archived_at=None).order_by("rank", "pk")


def _found(reader: User, ids: list[int]) -> list[Task]:
    """Return those of the tasks that the reader sees."""
    return find_rows("tasks by id", lambda: _visible().filter(AnyOf("pk", "ids")), {"user": reader.pk, "ids": ids})


def _neighbours(task: Task, reader: User) -> list[Neighbour]:
    relations = find_rows("relations of a task", _relations, {"task": task.pk})
    ends = [relation.other_end(task.pk) for relation in relations]
    others = {each.pk: each for each in _found(reader, ends)} if ends else {}
    order = list(KINDS)
    found = [(order.index(relation.shown_kind), relation) for relation in relations]
    return [
        Neighbour(relation, str(KINDS[order[place]]), others.get(relation.other_end(task.pk)))
        for place, relation in sorted(found, key=lambda each: each[0])
    ]


def _relations() -> QuerySet[Relation]:
    return Relation.objects.listed_for(Parameter("task")).shown_from(Parameter("task")).order_by("created_at", "pk")

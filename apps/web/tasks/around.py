"""What stands around a task: its parent and sub-tasks, its relations, who watches it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy

from apps.projects.models import Membership
from apps.tasks.models import Relation, Task
from apps.tasks.watching.reading import WatchState, watch_state, watchers_of
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
    visible = Task.objects.visible_to(reader).select_related("project", "assigned_to").defer("description", "metadata")
    parent = visible.filter(pk=task.parent_id).first() if task.parent_id else None
    subtasks = visible.filter(parent=task.pk, archived_at=None).order_by("rank", "pk") if task.subtasks_total else []
    watchers: Any = watchers_of(task)  # with `since`
    return Surroundings(
        parent=parent,
        subtasks=list(subtasks),
        neighbours=_neighbours(task, visible),
        watchers=list(watchers.order_by("since", "pk")),
        watch=watch_state(reader, task),
    )


def _neighbours(task: Task, visible: Any) -> list[Neighbour]:
    relations = list(Relation.objects.listed_for(task.pk).read_from(task).order_by("created_at", "pk"))
    ends = [relation.other_end(task.pk) for relation in relations]
    others = {each.pk: each for each in visible.filter(pk__in=ends)} if ends else {}
    order = list(KINDS)
    found = [
        Neighbour(relation, str(KINDS[_kind(relation)]), others.get(relation.other_end(task.pk)))
        for relation in relations
    ]
    return sorted(found, key=lambda each: order.index(_kind(each.relation)))


def _kind(relation: Any) -> str:
    kind: str = relation.shown_kind
    return kind

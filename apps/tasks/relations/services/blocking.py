"""What a block means for the status of a task (contract DE7, DE8)."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from functools import cache, cached_property

from django.db.models import BooleanField, Case, Exists, OuterRef, Q, When

from apps.common.errors import ConflictError
from apps.common.faults import declare, fault_point
from apps.common.sql.statements import AnyOf, Statement
from apps.projects.models import Activity, BlockedDone, Project
from apps.tasks.locking import Authority
from apps.tasks.models import Relation, RelationKind, Task, open_task, task_key
from apps.tasks.watching import services as watching

MAX_NAMED = 10  # keys in an answer
declare("relation.blockers_locked")


@dataclass(frozen=True)
class Blocks:
    """What stands around tasks that are about to be done: `open_blockers` counts the open tasks that block them.

    `are_blockers` says whether they block other tasks themselves.
    """

    open_blockers: int = 0
    are_blockers: bool = False


class Blocking:
    """The blocks around tasks that are about to be done, read once for all of them."""

    def __init__(self, task_ids: Collection[int]) -> None:
        self._ids = task_ids
        self._done: set[int] = set()

    @cached_property
    def _rows(self) -> list[tuple[int, int, bool]]:
        return _blocks().run({"ids": list(self._ids)})

    def around(self, tasks: Collection[Task], project: Project, authority: Authority) -> Blocks:
        """Return what blocks some of the tasks, which are about to be done together in `project`.

        Blocks among them do not count. Raises ConflictError `blocked` where the project rejects it: `blockers` has the
        keys of those that the actor sees, at most 10, and `hidden` says how many blockers the actor does not see.
        """
        ids = {task.pk for task in tasks}
        around = [row for row in self._rows if row[0] in ids or row[1] in ids]
        found = {
            blocker
            for blocker, blocked, is_open in around
            if is_open and blocked in ids and blocker not in ids and blocker not in self._done
        }
        if found and project.blocked_done == BlockedDone.REJECT:
            raise _blocked(found, authority)
        return Blocks(len(found), any(blocker in ids and blocked not in ids for blocker, blocked, _ in around))

    def count_as_done(self, tasks: Iterable[Task]) -> None:
        """Let tasks block no other task from now on: they will be done in the same write."""
        self._done |= {task.pk for task in tasks}


@cache
def _blocks() -> Statement:
    is_open = Case(When(open_task("from_task__"), then=True), default=False, output_field=BooleanField())
    ends = Q(AnyOf("from_task_id", "ids")) | Q(AnyOf("to_task_id", "ids"))
    blocks = Relation.objects.filter(ends, kind=RelationKind.BLOCKS)
    return Statement(blocks.annotate(is_open=is_open).values_list("from_task_id", "to_task_id", "is_open"))


def _blocked(blockers: Collection[int], authority: Authority) -> ConflictError:
    tasks = Task.objects.all() if authority.as_administrator else Task.objects.visible_to(authority.user)
    seen = tasks.filter(pk__in=blockers).order_by("project__key", "number", "pk")
    keys = [task_key(key, number) for key, number in seen.values_list("project__key", "number")]
    return ConflictError(
        "Tasks that are not done block it.",
        code="blocked",
        extra={"blockers": keys[:MAX_NAMED], "hidden": len(blockers) - len(keys)},
    )


def notify_unblocked(done: Collection[Task], *, event: Activity) -> None:
    """Notify the people of open tasks that no open task blocks any more, now that the tasks in `done` are done.

    `done` were open before and are written; `event` is that of their act. The rows that block the same tasks are
    locked, by id, before it looks: of several blockers that are done at the same time exactly one is the last. Called
    at the end of a write: no project is locked after these rows.
    """
    candidates = {pk for (pk,) in _locked_beside().run({"ids": [task.pk for task in done]})}
    fault_point("relation.blockers_locked")
    free = _free().run({"ids": sorted(candidates)}) if candidates else []
    watching.notify_unblocked(event, [pk for (pk,) in free])


@cache
def _locked_beside() -> Statement:
    """Return the statement that locks every block of a task that one of the given tasks blocks."""
    blocks = Relation.objects.filter(kind=RelationKind.BLOCKS)
    blocked = blocks.filter(AnyOf("from_task_id", "ids")).values("to_task_id")
    rows = blocks.filter(to_task__in=blocked).order_by("pk").select_for_update(of=("self",))
    return Statement(rows.values_list("to_task_id"))


@cache
def _free() -> Statement:
    """Return the statement that finds those of the given tasks that are open and that no open task blocks."""
    still = Exists(Relation.objects.open_blockers_of(OuterRef("pk")))
    return Statement(Task.objects.filter(AnyOf("id", "ids"), open_task(), ~still).values_list("pk"))

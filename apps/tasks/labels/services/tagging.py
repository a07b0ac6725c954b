"""Which labels a task carries: found before the lock's last checks, written under it, named in the task's event."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from apps.common.errors import FieldError, ValidationError
from apps.common.sql.statements import AnyOf, Parameter, Statement, bound, prepared
from apps.tasks.labels.services.writing import too_many
from apps.tasks.models import Label, Task, TaskLabel

LABELS_PER_TASK = 20
WRITTEN = ("labels", "labels_add", "labels_remove")  # what a write of a task may say of them

LABEL = """
INSERT INTO tasks_tasklabel (task_id, label_id, project_id)
SELECT * FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[])
"""
UNLABEL = """
DELETE FROM tasks_tasklabel carried
USING unnest(%s::bigint[], %s::bigint[]) AS gone (task_id, label_id)
WHERE carried.task_id = gone.task_id AND carried.label_id = gone.label_id
"""

Named = list[dict[str, Any]]  # labels as events name them: {id, name}


@dataclass(frozen=True)
class WantedLabels:
    """What a write wants: the whole set (`replaced`), or changes against the set as it is under the lock (LA3)."""

    replaced: Collection[int] | None = None
    added: Collection[int] = ()
    removed: Collection[int] = ()

    def applied_to(self, current: Iterable[int]) -> set[int]:
        """Return the ids that a task with `current` is to carry."""
        return set(self.replaced) if self.replaced is not None else (set(current) | set(self.added)) - set(self.removed)


def find_labels(project_id: int, changes: Mapping[str, Any]) -> WantedLabels | None:
    """Return what `changes` (with lists of ids under WRITTEN) want, None when they say nothing of labels.

    Raises ValidationError at each label that the project does not have (LA4). The project is locked.
    """
    named: dict[str, Sequence[int]] = {name: changes[name] for name in WRITTEN if name in changes}
    if not named:
        return None
    ids = {pk for values in named.values() for pk in values}
    known = {pk for (pk,) in _known().run({"project": project_id, "ids": sorted(ids)})} if ids else ids
    errors = [
        FieldError(f"/{name}/{position}", "does_not_exist", "The project has no such label.")
        for name, values in named.items()
        for position, pk in enumerate(values)
        if pk not in known
    ]
    if errors:
        raise ValidationError(*errors)
    return WantedLabels(named.get("labels"), named.get("labels_add", ()), named.get("labels_remove", ()))


@cache
def _known() -> Statement:
    return Statement(Label.objects.filter(AnyOf("pk", "ids"), project=Parameter("project")).values_list("pk"))


@dataclass(frozen=True)
class Relabelling:
    """What becomes of the labels of one task of the locked project: ids before and after."""

    task: Task
    before: Named
    after: frozenset[int]

    @classmethod
    def judged(cls, task: Task, before: Named, wanted: WantedLabels | None) -> Relabelling | None:
        """Return what `wanted` makes of the labels that the task carries, None when that changes nothing.

        Raises ConflictError `too_many_labels` with `limit` (LA1).
        """
        current = {label["id"] for label in before}
        after = wanted.applied_to(current) if wanted else current
        if after == current:
            return None
        if len(after) > LABELS_PER_TASK:
            raise too_many(LABELS_PER_TASK, "A task")
        return cls(task, before, frozenset(after))


def label_tasks(relabellings: Sequence[Relabelling]) -> dict[int, tuple[Named, Named]]:
    """Write what was judged of several tasks; return by task the change for its event."""
    gone: list[tuple[int, int]] = []
    new: list[tuple[int, int, int]] = []
    for each in relabellings:
        before = {label["id"] for label in each.before}
        gone += [(each.task.pk, pk) for pk in sorted(before - each.after)]
        new += [(each.task.pk, pk, each.task.project_id) for pk in sorted(each.after - before)]
    if gone:
        _run(UNLABEL, gone)
    _add(new)
    after = carried_by_each([each.task.pk for each in relabellings])
    return {each.task.pk: (each.before, after.get(each.task.pk, [])) for each in relabellings}


def label_new_task(task: Task, wanted: WantedLabels | None) -> dict[str, tuple[None, Named]]:
    """Give a task that was just inserted its labels; return what its event says of them."""
    ids = wanted.applied_to(()) if wanted else ()
    if not ids:
        return {}
    replace_labels(task, set(), set(ids))
    return {"labels": (None, carried_by_each([task.pk])[task.pk])}


def label_new_tasks(tasks: Sequence[Task], wanted: Mapping[int, Collection[int]]) -> dict[int, Named]:
    """Give tasks that were just inserted their labels (ids, at most LABELS_PER_TASK each); return what they carry."""
    _add([(task.pk, pk, task.project_id) for task in tasks for pk in sorted(wanted.get(task.pk, ()))])
    return carried_by_each([pk for pk, ids in wanted.items() if ids])


def replace_labels(task: Task, before: set[int], after: set[int]) -> None:
    """Write the rows that make `after` of `before`; ConflictError `too_many_labels` above LABELS_PER_TASK (LA1)."""
    if len(after) > LABELS_PER_TASK:
        raise too_many(LABELS_PER_TASK, "A task")
    if gone := before - after:
        _run(UNLABEL, [(task.pk, pk) for pk in sorted(gone)])
    _add([(task.pk, pk, task.project_id) for pk in sorted(after - before)])


def _add(rows: Sequence[tuple[int, int, int]]) -> None:
    """Insert rows of (task, label, project)."""
    if rows:
        _run(LABEL, rows)


def _run(text: str, rows: Sequence[tuple[int, ...]]) -> None:
    prepared(text, [bound(list(ids)) for ids in zip(*rows, strict=True)])


def carried_by(task: Task) -> list[Label]:
    """Return the task's labels in their order."""
    return list(Label.objects.filter(task_labels__task=task).by_name())


def carried_by_each(task_ids: Collection[int]) -> dict[int, Named]:
    """Return the labels of those tasks that carry any, in their order, as events name them."""
    carried: dict[int, Named] = {}
    for task_id, pk, name in _carried().run({"ids": list(task_ids)}) if task_ids else ():
        carried.setdefault(task_id, []).append({"id": pk, "name": name})
    return carried


@cache
def _carried() -> Statement:
    rows = TaskLabel.objects.filter(AnyOf("task_id", "ids")).order_by("label__sort_name", "label_id")
    return Statement(rows.values_list("task_id", "label_id", "label__name"))


def as_named(labels: Iterable[Label]) -> Named:
    """Return labels as events name them."""
    return [{"id": label.pk, "name": label.name} for label in labels]

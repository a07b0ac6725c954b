"""Which labels a task carries: found before the lock's last checks, written under it, named in the task's event."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from apps.common.errors import FieldError, ValidationError
from apps.tasks.labels.services.writing import too_many
from apps.tasks.models import Label, Task, TaskLabel

LABELS_PER_TASK = 20
WRITTEN = ("labels", "labels_add", "labels_remove")  # what a write of a task may say of them

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
    known = set(Label.objects.filter(project_id=project_id, pk__in=ids).values_list("pk", flat=True)) if ids else ids
    errors = [
        FieldError(f"/{name}/{position}", "does_not_exist", "The project has no such label.")
        for name, values in named.items()
        for position, pk in enumerate(values)
        if pk not in known
    ]
    if errors:
        raise ValidationError(*errors)
    return WantedLabels(named.get("labels"), named.get("labels_add", ()), named.get("labels_remove", ()))


def label_task(task: Task, wanted: WantedLabels | None) -> dict[str, tuple[Named, Named]]:
    """Give the locked task the wanted labels of its project; return the change for its event, empty for none.

    Raises ConflictError `too_many_labels` with `limit`.
    """
    if wanted is None:
        return {}
    before = carried_by(task)
    ids = {label.pk for label in before}
    after = wanted.applied_to(ids)
    if after == ids:
        return {}
    replace_labels(task, ids, after)
    return {"labels": (as_named(before), as_named(carried_by(task)))}


def label_new_task(task: Task, wanted: WantedLabels | None) -> dict[str, tuple[None, Named]]:
    """Give a task that was just inserted its labels; return what its event says of them."""
    ids = wanted.applied_to(()) if wanted else ()
    if not ids:
        return {}
    replace_labels(task, set(), set(ids))
    return {"labels": (None, as_named(carried_by(task)))}


def replace_labels(task: Task, before: set[int], after: set[int]) -> None:
    """Write the rows that make `after` of `before`; ConflictError `too_many_labels` above LABELS_PER_TASK (LA1)."""
    if len(after) > LABELS_PER_TASK:
        raise too_many(LABELS_PER_TASK, "A task")
    if gone := before - after:
        TaskLabel.objects.filter(task=task, label__in=gone).delete()
    TaskLabel.objects.bulk_create(
        TaskLabel(task=task, label_id=pk, project_id=task.project_id) for pk in sorted(after - before)
    )


def carried_by(task: Task) -> list[Label]:
    """Return the task's labels in their order."""
    return list(Label.objects.filter(task_labels__task=task).by_name())


def as_named(labels: Iterable[Label]) -> Named:
    """Return labels as events name them."""
    return [{"id": label.pk, "name": label.name} for label in labels]

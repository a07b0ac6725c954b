"""The labels of tasks that move to another project: by name, missing ones are created there (contract LA9)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.conf import settings
from django.utils import timezone

from apps.projects.models import Project
from apps.projects.services import record_events
from apps.tasks.labels.services.tagging import WantedLabels, as_named, carried_by, replace_labels
from apps.tasks.labels.services.writing import created_event
from apps.tasks.models import Label, Task, TaskLabel

Change = dict[str, tuple[Any, Any]]


def carry_labels(task_ids: Sequence[int], *, target: Project, actor_id: int | None, batch_id: UUID | None) -> list[str]:
    """Exchange the labels of tasks that move for those of the locked `target` with the same names.

    Missing ones are created there, with an event each. What would exceed the limit of the target is dropped: returns
    those names, in their order. Call it after the tasks have their new project.
    """
    links = list(TaskLabel.objects.filter(task__in=task_ids).values_list("task_id", "label_id"))
    if not links:
        return []
    TaskLabel.objects.filter(task__in=task_ids).delete()
    wanted = list(Label.objects.filter(pk__in={label_id for _, label_id in links}).by_name())
    found, dropped = _found_or_created(wanted, target, actor_id=actor_id, batch_id=batch_id)
    TaskLabel.objects.bulk_create(
        TaskLabel(task_id=task_id, label_id=found[label_id], project=target)
        for task_id, label_id in sorted(links)
        if label_id in found
    )
    return dropped


def _found_or_created(
    wanted: Sequence[Label], target: Project, *, actor_id: int | None, batch_id: UUID | None
) -> tuple[dict[int, int], list[str]]:
    """Return {id of a label: id of the target's label with its name}, and the names that had no room."""
    there = Label.objects.filter(project=target)
    names = [label.normal_name for label in wanted]
    by_name = dict(there.filter(normal_name__in=names).values_list("normal_name", "pk"))
    missing = [label for label in wanted if label.normal_name not in by_name]
    room = max(settings.LABELS_MAX_PER_PROJECT - there.count(), 0) if missing else 0
    now = timezone.now()
    created = Label.objects.bulk_create(
        Label(project=target, name=label.name, color=label.color, description=label.description, created_at=now)
        for label in missing[:room]
    )
    by_name |= {label.normal_name: new.pk for label, new in zip(missing[:room], created, strict=True)}
    record_events(target.pk, map(created_event, created), actor_id=actor_id, batch_id=batch_id)
    found = {label.pk: by_name[label.normal_name] for label in wanted if label.normal_name in by_name}
    return found, [label.name for label in missing[room:]]


@dataclass(frozen=True)
class Relabelled:
    """What a move did to the labels of one task: the change for its events, and the names that were dropped."""

    changes: Change
    dropped: list[str]


def relabel_moved(task: Task, wanted: WantedLabels | None, *, actor_id: int, batch_id: UUID | None) -> Relabelled:
    """Give a task that just moved its labels: those it had, by name, and what the write wants of the target's.

    A whole set in the write replaces the former ones. Events name them only when the names are others than before.
    """
    before = carried_by(task)
    dropped: list[str] = []
    if wanted is not None and wanted.replaced is not None:
        TaskLabel.objects.filter(task=task).delete()
        ids: set[int] = set()
    else:
        dropped = carry_labels([task.pk], target=task.project, actor_id=actor_id, batch_id=batch_id)
        ids = _ids(TaskLabel.objects.filter(task=task).values_list("label_id", flat=True)) if before else set()
    if wanted is not None:
        replace_labels(task, ids, wanted.applied_to(ids))
    after = carried_by(task) if before or wanted is not None else []
    is_same = _names(before) == _names(after)
    return Relabelled({} if is_same else {"labels": (as_named(before), as_named(after))}, dropped)


def _ids(values: Iterable[int]) -> set[int]:
    return set(values)


def _names(labels: Collection[Label]) -> set[str]:
    return {label.normal_name for label in labels}

"""The labels of tasks that move to another project: by name, missing ones are created there (contract LA9)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.conf import settings
from django.utils import timezone

from apps.common.sql.statements import bound, prepared
from apps.projects.models import Project
from apps.projects.services import record_events
from apps.tasks.labels.colors import default_color
from apps.tasks.labels.services.tagging import WantedLabels, as_named, replace_labels
from apps.tasks.labels.services.writing import created_event
from apps.tasks.models import Label, Task, TaskLabel

Change = tuple[Any, Any]
NORMAL_NAMES = "SELECT name, normal_form(name) FROM unnest(%s::text[]) AS name"


@dataclass(frozen=True)
class Relabelled:
    """What a move did to labels: the change of each task whose labels have other names now, and what was dropped."""

    changes: Mapping[int, Change]
    dropped: Sequence[str]


def relabel_moved(
    tasks: Sequence[Task], wanted: WantedLabels | None, *, target: Project, actor_id: int | None, batch_id: UUID | None
) -> Relabelled:
    """Give tasks that have just moved the labels of the locked `target` with the names of those they had.

    Missing ones are created there, with an event each; what would exceed the limit of the target is dropped. The first
    task gets what the write wants of the target's labels: a whole set replaces the former ones. Raises ConflictError
    `too_many_labels`.
    """
    root, ids = tasks[0], [task.pk for task in tasks]
    before = _carried(ids)
    if not before and wanted is None:
        return Relabelled({}, [])
    TaskLabel.objects.filter(task__in=ids).delete()
    carried = {pk: labels for pk, labels in before.items() if pk != root.pk or not _replaces(wanted)}
    dropped = _carry(carried, target, actor_id=actor_id, batch_id=batch_id)
    if wanted is not None:
        current = set(TaskLabel.objects.filter(task=root).values_list("label_id", flat=True))
        replace_labels(root, current, wanted.applied_to(current))
    after = _carried(ids)
    changes = {
        pk: (as_named(before[pk]) if pk in before else None, as_named(after.get(pk, ())))
        for pk in ids
        if _names(before.get(pk, ())) != _names(after.get(pk, ()))
    }
    return Relabelled(changes, dropped)


def _replaces(wanted: WantedLabels | None) -> bool:
    return wanted is not None and wanted.replaced is not None


def _carried(task_ids: Sequence[int]) -> dict[int, list[Label]]:
    """Return the labels of those tasks that carry any, in their order."""
    links = TaskLabel.objects.filter(task__in=task_ids).select_related("label").order_by("label__sort_name", "label")
    carried: dict[int, list[Label]] = {}
    for link in links:
        carried.setdefault(link.task_id, []).append(link.label)
    return carried


def _carry(
    carried: Mapping[int, Sequence[Label]], target: Project, *, actor_id: int | None, batch_id: UUID | None
) -> list[str]:
    """Put the target's labels with these names on the tasks; return the names that had no room there."""
    wanted = {label.pk: label for labels in carried.values() for label in labels}
    in_order = sorted(wanted.values(), key=lambda label: (label.sort_name, label.pk))
    found, dropped = _found_or_created(in_order, target, actor_id=actor_id, batch_id=batch_id)
    TaskLabel.objects.bulk_create(
        TaskLabel(task_id=pk, label_id=found[label.pk], project=target)
        for pk, labels in sorted(carried.items())
        for label in labels
        if label.pk in found
    )
    return dropped


def _found_or_created(
    wanted: Sequence[Label],
    target: Project,
    *,
    actor_id: int | None,
    batch_id: UUID | None,
    keep_times: bool = False,
) -> tuple[dict[int, int], list[str]]:
    """Return {id of a label: id of the target's label with its name}, and the names that had no room."""
    there = Label.objects.filter(project=target)
    names = [label.normal_name for label in wanted]
    by_name = dict(there.filter(normal_name__in=names).values_list("normal_name", "pk"))
    missing = [label for label in wanted if label.normal_name not in by_name]
    room = max(settings.LABELS_MAX_PER_PROJECT - there.count(), 0) if missing else 0
    now = timezone.now()
    created = Label.objects.bulk_create(
        Label(
            project=target,
            name=label.name,
            color=label.color,
            description=label.description,
            created_at=label.created_at if keep_times else now,
        )
        for label in missing[:room]
    )
    by_name |= {label.normal_name: new.pk for label, new in zip(missing[:room], created, strict=True)}
    record_events(target.pk, map(created_event, created), actor_id=actor_id, batch_id=batch_id)
    found = {label.pk: by_name[label.normal_name] for label in wanted if label.normal_name in by_name}
    return found, [label.name for label in missing[room:]]


def labels_named(project: Project, wanted: Mapping[str, str], *, actor_id: int) -> tuple[dict[str, int], list[str]]:
    """Return the ids of the locked project's labels by the names in `wanted`, and the names that had no room.

    Missing ones are created, with an event each; `wanted` maps a name to its colour, empty for one by the name.
    """
    labels = [Label(name=name, color=color or default_color(name)) for name, color in wanted.items()]
    unique = _as_unsaved(labels)
    found, dropped = _found_or_created(unique, project, actor_id=actor_id, batch_id=None) if labels else ({}, [])
    by_normal = {label.normal_name: found[label.pk] for label in unique if label.pk in found}
    ids = {label.name: by_normal[label.normal_name] for label in labels if label.normal_name in by_normal}
    return ids, dropped


def import_labels(project: Project, labels: Sequence[Label], *, actor_id: int) -> list[str]:
    """Create those of the unsaved `labels` whose names the locked project does not have, with an event each.

    They keep their instants. Returns the names that had no room.
    """
    unique = _as_unsaved(labels)
    return _found_or_created(unique, project, actor_id=actor_id, batch_id=None, keep_times=True)[1] if labels else []


def _as_unsaved(labels: Sequence[Label]) -> list[Label]:
    """Give labels that are never saved a stand-in for an id and their normal names; return one of each name."""
    normal = _normal_names(label.name for label in labels) if labels else {}
    for number, label in enumerate(labels):
        label.pk, label.normal_name = number, normal[label.name]
    return list({label.normal_name: label for label in reversed(labels)}.values())[::-1]


def _normal_names(names: Iterable[str]) -> dict[str, str]:
    rows, _ = prepared(NORMAL_NAMES, [bound(list(names))])
    return dict(rows)


def _names(labels: Iterable[Label]) -> set[str]:
    return {label.normal_name for label in labels}

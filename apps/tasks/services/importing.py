"""Many tasks at once, as they were elsewhere: the door of imports (contract IM2, IM4, IM9)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils import timezone

from apps.common.sql.statements import bound, prepared
from apps.projects.events import EventType
from apps.projects.models import Project
from apps.projects.services import Event, record_events
from apps.tasks.labels.services import label_new_tasks
from apps.tasks.models import Task
from apps.tasks.order.services import take_in_tasks
from apps.tasks.services.creation import initial_changes
from apps.tasks.subtasks.counting import recount_subtasks
from apps.tasks.subtasks.placing import reference_to

SET_PARENTS = """
UPDATE tasks_task task SET parent_id = given.parent, version = version + given.step, updated_at = %(now)s::timestamptz
FROM unnest(%(ids)s::bigint[], %(parents)s::bigint[], %(steps)s::integer[]) AS given (id, parent, step)
WHERE task.id = given.id
"""


@dataclass(frozen=True, kw_only=True)
class ImportedTask:
    """A task as it is to be inserted: `fields` are attributes of the model, `labels` ids of the project's labels.

    `parent` is the external id of a task of the same source that comes before or is there already.
    """

    external_id: str
    fields: Mapping[str, Any]
    labels: Sequence[int] = ()
    parent: str = ""


def import_tasks(
    project: Project, rows: Sequence[ImportedTask], *, source: str, actor_id: int, parents: Mapping[str, Task]
) -> list[Task]:
    """Insert tasks into the locked project in their order, with numbers, ranks, labels, counts and one event each.

    The caller has judged the rights and the values; nobody is notified. `parents` are the known ones by external id.
    """
    if not rows:
        return []
    tasks = [_task(row, project=project, source=source) for row in rows]
    slots = take_in_tasks(project, tasks=len(tasks), open_tasks=sum(task.is_open for task in tasks))
    for task, slot in zip(tasks, slots, strict=True):
        task.number, task.rank = slot.number, slot.rank
    Task.objects.bulk_create(tasks)
    above = {**parents, **{row.external_id: task for row, task in zip(rows, tasks, strict=True)}}
    placed = {task.pk: above[row.parent] for row, task in zip(rows, tasks, strict=True) if row.parent in above}
    _set_parents(tasks, placed, step=0)
    labels = label_new_tasks(tasks, {task.pk: row.labels for row, task in zip(rows, tasks, strict=True)})
    events = [_created(task, placed.get(task.pk), labels.get(task.pk, [])) for task in tasks]
    record_events(project.pk, events, actor_id=actor_id)
    return tasks


def place_imported(project: Project, placed: Sequence[tuple[Task, Task]], *, actor_id: int) -> None:
    """Put tasks of the locked project, which have no parent yet, below others: pairs of a task and its parent."""
    tasks = [task for task, _ in placed]
    _set_parents(tasks, {task.pk: parent for task, parent in placed}, step=1)
    events = [
        Event(
            type=EventType.TASK_UPDATED,
            changes={"parent": (None, reference_to(parent))},
            version=task.version,
            task_id=task.pk,
            task_key=task.key,
        )
        for task, parent in placed
    ]
    record_events(project.pk, events, actor_id=actor_id)


def _task(row: ImportedTask, *, project: Project, source: str) -> Task:
    task = Task(project=project, external_source=source, external_id=row.external_id, **row.fields)
    task.updated_at = timezone.now()
    return task


def _set_parents(tasks: Sequence[Task], placed: Mapping[int, Task], *, step: int) -> None:
    moved = [task for task in tasks if task.pk in placed]
    if not moved:
        return
    now = timezone.now()
    for task in moved:
        task.parent_id, task.version, task.updated_at = placed[task.pk].pk, task.version + step, now
    values = {
        "ids": bound([task.pk for task in moved]),
        "parents": bound([task.parent_id for task in moved]),
        "steps": bound([step] * len(moved)),
        "now": now,
    }
    prepared(SET_PARENTS, values)
    recount_subtasks(task.parent_id for task in moved)


def _created(task: Task, parent: Task | None, labels: Sequence[Mapping[str, Any]]) -> Event:
    changes: dict[str, Any] = dict(initial_changes(task))
    if task.is_archived:
        changes["is_archived"] = (None, True)
    if labels:
        changes["labels"] = (None, list(labels))
    if parent is not None:
        changes["parent"] = (None, reference_to(parent))
    return Event(type=EventType.TASK_CREATED, changes=changes, version=task.version, task_id=task.pk, task_key=task.key)

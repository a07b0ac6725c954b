"""Undo: each task back to what it was before a batch, as far as nobody has changed it since (contract BU9, BU10)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

from django.utils import timezone

from apps.batches.context import Former, acting_in, former_value
from apps.batches.models import Action, Batch, Mode, Outcome
from apps.batches.services import lock_for_undo, mark_undone
from apps.common.errors import DomainError
from apps.common.transactions import write
from apps.projects.events import EventType
from apps.projects.models import Activity, Membership, TrashEntry
from apps.projects.roles import Capability
from apps.projects.services import lock_project_as, lock_projects
from apps.tasks import services
from apps.tasks.bulk.orders import value_of
from apps.tasks.bulk.work import Options, Report, give_turn, merged, run
from apps.tasks.fields import BY_NAME
from apps.tasks.graph import lock_graph
from apps.tasks.labels.services import delete_unused, labels_now
from apps.tasks.labels.services.tagging import carried_by
from apps.tasks.models import SavedView, Task
from apps.tasks.saved_views.services import delete_view
from apps.tasks.trash.services import restore_entry
from apps.users.models import User

# What is taken back with the whole task
AS_A_WHOLE = {EventType.TASK_CREATED, EventType.TASK_DELETED, EventType.TASK_RESTORED}

Change = Mapping[str, Any]  # {"from", "to"}
EventsOf = dict[int, list[Activity]]  # by task, oldest first


@write
def undo_batch(*, actor: User, batch_id: UUID, dry_run: bool = False) -> Report:
    """Undo a batch of the actor, the last changes first, with best effort; the undo is a batch itself.

    Raises NotFoundError when it is gone, ConflictError `not_undoable` with its `reason`.
    """
    batch, events, ids = begin_undo(batch_id)

    def work(report: Report) -> None:
        give_back(report, actor=actor, events=events, ids=ids)
        with acting_in(report.batch):
            drop_labels_of(batch, actor=actor)

    report = run(
        work,
        actor=actor,
        is_silent=batch.action == Action.IMPORT,
        action=Action.UNDO,
        options=Options(mode=Mode.BEST_EFFORT, dry_run=dry_run),
        restoring=_restoring(batch, [event for own in events.values() for event in own]),
    )
    if not dry_run and any(item.result == Outcome.CHANGED for item in report.items):
        mark_undone(batch, by=Batch.objects.get(pk=report.batch.id))
    return report


def begin_undo(batch_id: UUID) -> tuple[Batch, EventsOf, list[int]]:
    """Lock the batch; return it, its events, and its tasks in the order of the work.

    Raises what `undo_batch` raises.
    """
    batch = lock_for_undo(batch_id, now=timezone.now())
    events = events_by_task(batch_id)
    parents = dict(Task.objects.filter(pk__in=list(events)).values_list("pk", "parent_id"))
    return batch, events, _in_order(events, parents)


def give_back(report: Report, *, actor: User, events: EventsOf, ids: Sequence[int]) -> None:
    """Take back what the events of a batch did to the tasks with these ids, in this order; add what became of them."""
    tasks = _locked(actor, events)
    for task_id in ids:
        act = partial(_undo_task, actor, events.get(task_id, []), report)
        give_turn(report, tasks.get(task_id), act, task_id=task_id, with_earlier=True)


def restoring_of(undo: Batch) -> Former:
    """Return what an undo in the background brings back and events do not say; nothing for other batches."""
    undone = Batch.objects.filter(pk=undo.request["undoes"]).first() if "undoes" in undo.request else None
    if undone is None:
        return {}
    return _restoring(undone, Activity.objects.filter(batch_id=undone.pk, type=EventType.TASK_MOVED_OUT))


def _restoring(batch: Batch, events: Iterable[Activity]) -> Former:
    numbers = {
        str(event.task_id): int(event.changes["key"]["from"].rpartition("-")[2])
        for event in events
        if event.type == EventType.TASK_MOVED_OUT
    }
    return {**batch.request.get("former", {}), "number": numbers}


def _in_order(events: EventsOf, parents: Mapping[int, int | None]) -> list[int]:
    """Return the tasks as they get their turn: what changed last first, but no task before one above it.

    What was created goes from the leaves up; otherwise acts on a task take along what is below it.
    """
    if any(event.type == EventType.TASK_CREATED for own in events.values() for event in own):
        return sorted(events, key=lambda task_id: -_depth(task_id, parents))
    order: dict[int, None] = {}
    for task_id in events:
        chain = [task_id]
        while (parent := parents.get(chain[-1])) in events and parent not in chain:
            chain.append(parent)
        order |= dict.fromkeys(reversed(chain))
    return list(order)


def _depth(task_id: int, parents: Mapping[int, int | None]) -> int:
    """Return how many of the tasks in `parents` stand above one of them."""
    depth, above = 0, parents.get(task_id)
    while above is not None and above in parents and depth < len(parents):
        depth, above = depth + 1, parents[above]
    return depth


def events_by_task(batch_id: UUID, ids: Sequence[int] | None = None) -> EventsOf:
    """Return each task's events in the batch, oldest first; the task that was changed last comes first."""
    found = Activity.objects.filter(batch_id=batch_id, type__startswith="task.", task_id__isnull=False)
    if ids is not None:
        found = found.filter(task_id__in=ids)
    events: EventsOf = {}
    for event in found.order_by("-created_at", "-pk"):
        events.setdefault(event.task_id, []).insert(0, event)  # type: ignore[arg-type]
    return events


def _locked(actor: User, events: EventsOf) -> dict[int, Task]:
    """Return those of the tasks whose project the actor is a member of, in the trash too, with all projects locked."""
    if any("parent" in event.changes for own in events.values() for event in own):
        lock_graph()  # before all others (L1)
    mine = set(Membership.objects.of(actor).values_list("project_id", flat=True))
    found = Task.objects.filter(pk__in=list(events), project__in=mine)
    projects = {*found.values_list("project_id", flat=True)}
    projects |= {event.project_id for own in events.values() for event in own} & mine
    lock_projects(projects)
    return {task.pk: task for task in found.select_related("project")}


def _undo_task(actor: User, own: Sequence[Activity], report: Report, task: Task) -> bool:
    """Take back what `own` events say; return whether something was changed since and so is left."""
    types = {event.type for event in own}
    if report.events_of(task.pk):  # an earlier turn has taken it along, perhaps not with all that it had
        if types & AS_A_WHOLE:
            return False
        task = Task.objects.select_related("project").get(pk=task.pk)
    if EventType.TASK_CREATED in types:
        return _undo_creation(actor, task, own)
    if EventType.TASK_DELETED in types:
        _restore(actor, task)
        return False
    if EventType.TASK_RESTORED in types:
        services.delete_task(actor=actor, task=task)
        return False
    return _undo_changes(actor, task, own)


def _undo_creation(actor: User, task: Task, own: Sequence[Activity]) -> bool:
    if task.trash_id is not None:
        return False
    if task.version != own[-1].version or task.comments_count > _comments_written_by(own[0]):
        return True
    if task.children.filter(trash=None).exists():  # somebody else's, or changed since: they would go along
        return True
    services.delete_task(actor=actor, task=task)
    return False


def _comments_written_by(event: Activity) -> int:
    """Return how many comments the batch of an event has put on its task: an import brings some along."""
    written = Activity.objects.filter(batch_id=event.batch_id, task_id=event.task_id)
    return written.filter(type=EventType.COMMENT_CREATED).count()


def drop_labels_of(undone: Batch, *, actor: User) -> None:
    """Delete the labels that an import has made and that no task carries any more (contract IM10).

    Shared views that it has made go too, unless they were changed since.
    """
    if undone.action != Action.IMPORT:
        return
    _drop_views_of(undone, actor=actor)
    made = Activity.objects.filter(batch_id=undone.pk, type=EventType.LABEL_CREATED)
    by_project: dict[int, list[int]] = {}
    for project_id, label_id in made.values_list("project_id", "object_id"):
        by_project.setdefault(project_id, []).append(label_id or 0)
    for project_id, ids in sorted(by_project.items()):
        with suppress(DomainError):  # who may not delete labels any more leaves them
            project = lock_project_as(actor, project_id, Capability.MANAGE_PROJECT)
            delete_unused(project, ids, actor=actor)


def _drop_views_of(undone: Batch, *, actor: User) -> None:
    made = Activity.objects.filter(batch_id=undone.pk, type=EventType.VIEW_CREATED)
    versions = {view_id or 0: version for view_id, version in made.values_list("object_id", "version")}
    for view in SavedView.objects.filter(pk__in=versions).order_by("pk"):
        if view.version == versions[view.pk]:
            with suppress(DomainError):
                delete_view(actor=actor, view=view)


def _restore(actor: User, task: Task) -> None:
    if task.trash_id is not None:
        restore_entry(actor=actor, entry=TrashEntry.objects.get(pk=task.trash_id))


def _undo_changes(actor: User, task: Task, own: Sequence[Activity]) -> bool:
    changes: Mapping[str, Change] = merged(event.changes for event in own)
    has_conflict = False
    wanted: dict[str, Any] = {}
    for name, change in changes.items():
        now, before, after = _now(task, name), _value(name, change["from"], own), _value(name, change["to"], own)
        if name == "key" or before == after:
            continue
        if now != after:
            has_conflict |= now != before
        elif name == "is_archived":
            act = services.archive_task if change["from"] else services.unarchive_task
            task = act(actor=actor, task=task)
        else:
            wanted[name] = before
    _settle_due(task, wanted)
    if wanted:
        services.update_task(actor=actor, task=task, changes=wanted)
    return has_conflict


def _now(task: Task, name: str) -> Any:
    """Return the task's value as services take it."""
    if name == "labels":
        return sorted(label.pk for label in carried_by(task))
    if name in ("project", "key"):
        return task.project_id if name == "project" else task.key
    return getattr(task, BY_NAME[name].attribute if name in BY_NAME else name)


def _value(name: str, value: Any, own: Sequence[Activity]) -> Any:
    """Return an event's value as services take it: ids for parents, and for what is left of labels."""
    if name == "labels":
        projects = {event.project_id for event in own}
        return labels_now([each["id"] for each in value or []], project_ids=projects, since=own[0].created_at)
    if name in BY_NAME and BY_NAME[name].kind == "task":
        return value and value["id"]
    return value_of(name, value)


def _settle_due(task: Task, wanted: dict[str, Any]) -> None:
    """Let a day that comes back decide, or the instant whose place it had taken (contract DU7)."""
    if wanted.get("due_on") is not None:
        wanted.pop("due_date", None)
    elif "due_on" in wanted and (former := former_value("due_date", task.pk)):
        wanted["due_date"] = datetime.fromisoformat(former)

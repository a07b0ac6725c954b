"""Tasks one after the other, each in a savepoint, or several at once; what became of them is read from their events."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from django.db import transaction

from apps.batches.context import Former, RunningBatch, acting_in
from apps.batches.items import Item
from apps.batches.models import Action, Mode, Outcome
from apps.batches.services import counted, keep_batch
from apps.common.dates.instants import utc
from apps.common.errors import DomainError, NotFoundError, UnprocessableError, ValidationError
from apps.projects.events import EventType
from apps.projects.models import Activity
from apps.tasks.models import Task
from apps.tasks.watching.services import notify_batch
from apps.users.models import User

R = TypeVar("R")


@dataclass(frozen=True)
class Options:
    """How the work is done: see `Mode`; a dry run takes the same path and is rolled back."""

    mode: Mode = Mode.ATOMIC
    dry_run: bool = False


@dataclass
class Report:
    """What became of all tasks, in the order of the work."""

    batch: RunningBatch
    options: Options
    items: list[Item] = field(default_factory=list)

    @property
    def is_rejected(self) -> bool:
        """Return whether a failure rejects all."""
        return self.options.mode == Mode.ATOMIC and any(item.result == Outcome.FAILED for item in self.items)

    def events_of(self, task_id: int) -> list[Activity]:
        """Return the events that the batch has written for a task so far."""
        return self.batch.events_of(task_id)

    def as_json(self) -> dict[str, Any]:
        """Return the result as answers show it; a batch that wrote nothing has no id."""
        is_kept = bool(self.items) and not self.options.dry_run and not self.is_rejected
        return {
            "batch_id": str(self.batch.id) if is_kept else None,
            "mode": self.options.mode.value,
            "dry_run": self.options.dry_run,
            "counts": counted(self.items),
            "results": [item.as_json() for item in self.items],
        }


class _DryRun(Exception):
    """Ends the savepoint of a dry run."""


def run(
    work: Callable[[Report], None],
    *,
    actor: User,
    action: Action,
    options: Options,
    restoring: Former | None = None,
    is_silent: bool = False,
) -> Report:
    """Let `work` add items to the report inside one savepoint, and keep the batch unless nothing is to stay.

    `restoring` is what an undo brings back and events do not say, see `RunningBatch`; a batch that `is_silent` notifies
    nobody.

    Raises UnprocessableError `bulk_failed` with the results when a failure rejects all.
    """
    report = Report(RunningBatch(restoring=restoring or {}), options)
    try:
        with transaction.atomic():
            work(report)
            if report.is_rejected:
                raise _rejection(report)
            if options.dry_run:
                raise _DryRun
            if report.items:
                if not is_silent:
                    notify_of(report.batch, action=action)
                keep_batch(report.batch, report.items, actor=actor, action=action, mode=options.mode)
    except _DryRun:
        pass
    return report


def notify_of(batch: RunningBatch, *, action: Action) -> None:
    """Notify each person of the batch once (BU12)."""
    notify_batch(batch.events, action=action.value, mentioned=batch.mentioned, unblocked=batch.unblocked)


def _rejection(report: Report) -> UnprocessableError:
    answer = report.as_json()
    extra = {name: answer[name] for name in ("counts", "results")}
    return UnprocessableError("A task failed, and nothing was changed.", code="bulk_failed", extra=extra)


def attempt(report: Report, act: Callable[[], R]) -> tuple[R, list[Activity]]:
    """Run `act` as a part of the batch, in a savepoint; return its result and the events that it wrote.

    A DomainError leaves nothing of it, in the database or in the batch.
    """
    turn = report.batch.turn()
    with acting_in(turn), transaction.atomic():
        result = act()
    report.batch.absorb(turn)
    return result, turn.events


def give_turn(
    report: Report,
    task: Task | None,
    act: Callable[[Task], bool | None],
    *,
    task_id: int,
    with_earlier: bool = False,
) -> None:
    """Run `act` for a task and add what became of it; None is a task that the actor does not see.

    `act` returns whether it left something that somebody else has changed since. Events that an earlier turn wrote for
    the task, as one of its parent does, count `with_earlier` only.
    """
    if task is None:
        report.items.append(failed(task_id, NotFoundError()))
        return
    try:
        has_conflict, events = attempt(report, lambda: act(task))
    except DomainError as error:
        report.items.append(failed(task_id, error, task=task))
        return
    own = report.events_of(task_id) if with_earlier else [event for event in events if event.task_id == task_id]
    item = _item(report, task, own)
    if has_conflict:
        item.result = Outcome.CONFLICT
    report.items.append(item)


def give_turns_together(
    report: Report,
    ids: Sequence[int],
    tasks: Mapping[int, Task],
    act: Callable[[Sequence[Task]], dict[int, DomainError]],
    *,
    judge: Callable[[Task], bool],
) -> None:
    """Run `act` for several tasks at once and add what became of each; `tasks` are those that the actor sees.

    `act` judges all of them before it writes: it returns by id what was wrong with those that failed, and nothing of
    them is written. So no savepoint is needed to leave them out. `judge` says before whether a task has a turn.
    """
    ready: list[Task] = []
    errors: dict[int, DomainError] = {}
    for task_id in ids:
        task = tasks.get(task_id)
        try:
            if task is not None and judge(task):
                ready.append(task)
        except DomainError as error:
            errors[task_id] = error
    turn = report.batch.turn()
    with acting_in(turn):
        errors |= act(ready) if ready else {}
    report.batch.absorb(turn)
    for task_id in ids:
        task = tasks.get(task_id)
        if task is None or task_id in errors:
            report.items.append(failed(task_id, errors.get(task_id) or NotFoundError(), task=task))
        else:
            report.items.append(_item(report, task, turn.events_of(task_id)))


def _item(report: Report, task: Task, own: Sequence[Activity]) -> Item:
    """Return the item of a task that did not fail; `own` are the events of its turn."""
    item = changed(task.pk, own) if own else unchanged(task, report.events_of(task.pk))
    if own and task.completed_at is not None and "status" in item.changes:
        report.batch.remember("completed_at", {task.pk: utc(task.completed_at)})
    if report.options.dry_run and any(event.type == EventType.TASK_MOVED_IN for event in report.events_of(task.pk)):
        item.task_key = ""  # the run will hand out another
        if "key" in item.changes:
            item.changes["key"]["to"] = None
    return item


def changed(task_id: int, own: Sequence[Activity]) -> Item:
    """Return the item of a task from the events that its turn wrote."""
    last = own[-1]
    return Item(
        task_id=task_id,
        task_key=last.task_key,
        project_id=last.project_id,
        result=Outcome.CHANGED,
        version=last.version,
        changes=merged(event.changes for event in own),
    )


def unchanged(task: Task, earlier: Sequence[Activity]) -> Item:
    """Return the item of a task whose turn changed nothing; `earlier` are the events that the batch wrote for it."""
    last = earlier[-1] if earlier else None
    return Item(
        task_id=task.pk,
        task_key=last.task_key if last else task.key,
        project_id=last.project_id if last else task.project_id,
        result=Outcome.UNCHANGED,
        version=last.version if last else task.version,
    )


def failed(task_id: int | None, error: DomainError, *, task: Task | None = None) -> Item:
    """Return the item of a task that could not be changed; without `task` the actor does not see it (BU2)."""
    return Item(
        task_id=task_id,
        task_key=task.key if task else "",
        project_id=task.project_id if task else None,
        result=Outcome.FAILED,
        version=task.version if task else None,
        error=_as_json(error),
    )


def merged(changes: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """Join the changes of several events of one task: what was there first, and what is there in the end."""
    joined: dict[str, Any] = {}
    for each in changes:
        for name, change in each.items():
            first = joined.get(name, change)
            joined[name] = {"from": first["from"], "to": change["to"]}
    return joined


def _as_json(error: DomainError) -> dict[str, Any]:
    if isinstance(error, ValidationError) and error.errors:
        first = error.errors[0]
        return {"code": first.code, "detail": first.detail, "pointer": first.pointer}
    return {"code": error.code, "detail": error.detail, "pointer": None}

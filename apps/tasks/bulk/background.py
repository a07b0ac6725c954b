"""Batches in the background: 200 tasks per transaction, each with its progress, continued by whoever comes (BU6)."""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from uuid import UUID

from django.conf import settings
from django.db import transaction

from apps.batches.context import RunningBatch, acting_in
from apps.batches.models import Action, Batch, Mode, Outcome, State
from apps.batches.services import counted, keep_items, mark_undone, release_undone
from apps.common.background import leases
from apps.common.background.nudge import nudge
from apps.common.dates.clock import database_now
from apps.common.faults import declare, fault_point
from apps.common.monitoring.request_id import current_request_id, request_id_of
from apps.common.origin import Door, Origin, acting_through, current_door
from apps.common.transactions import write
from apps.projects.models import Activity
from apps.tasks.bulk.orders import Order
from apps.tasks.bulk.relatives import relatives_among
from apps.tasks.bulk.running import give_turns
from apps.tasks.bulk.undoing import begin_undo, drop_labels_of, events_by_task, give_back, restoring_of, undo_batch
from apps.tasks.bulk.work import Options, Report, notify_of
from apps.tokens.reading import door_for
from apps.users.models import User

logger = logging.getLogger(__name__)

declare("batch.part_written", "batch.part_committed")

RUN = "batches.run"
QUEUE = leases.Queue(Batch, open="state IN ('pending', 'running')")
MAX_ATTEMPTS = 5  # without progress
BUDGET = 60.0  # seconds; then the job ends and asks to be woken again


@write
def start_changes(*, actor: User, ids: Sequence[int], order: Order, dry_run: bool) -> Batch:
    """Let a worker do `order` to the tasks with these ids, with best effort."""
    return _start(actor, order.action, list(ids), dry_run=dry_run, order=order.as_json())


@write
def start_undo(*, actor: User, batch_id: UUID, dry_run: bool) -> Batch:
    """Let a worker undo a batch of the actor; raises what `undo_batch` raises."""
    undone, _, ids = begin_undo(batch_id)
    batch = _start(actor, Action.UNDO, ids, dry_run=dry_run, undoes=str(undone.pk))
    if not dry_run:
        mark_undone(undone, by=batch)  # at once: a second undo finds it undone (BU10)
    return batch


def undo(*, actor: User, batch: Batch, dry_run: bool = False) -> Report | Batch:
    """Undo a batch of the actor: at once, or by a worker where it is about more tasks than a request takes.

    Raises what `undo_batch` raises.
    """
    act = start_undo if batch.total > settings.BULK_INLINE else undo_batch
    return act(actor=actor, batch_id=batch.pk, dry_run=dry_run)


def _start(actor: User, action: Action, ids: list[int], *, dry_run: bool, **request: object) -> Batch:
    door = current_door()
    made = Batch.objects.create(
        actor=actor,
        token_id=door.token_id,
        action=action,
        mode=Mode.BEST_EFFORT,
        dry_run=dry_run,
        state=State.PENDING,
        total=len(ids),
        counts=counted([]),
        request={"ids": ids, "origin": door.origin.value, "request_id": current_request_id(), **request},
    )
    nudge(RUN)
    return made


def run_due(*, seconds: float = BUDGET) -> bool:
    """Work on the batches that wait, for `seconds` at most; return whether more may be waiting."""
    until = time.monotonic() + seconds

    def work(batch: Batch) -> bool:
        with request_id_of(batch.request.get("request_id", "")):
            return _work_on(batch, until=until)

    return leases.work_off(QUEUE, work, seconds=seconds)


def _work_on(batch: Batch, *, until: float) -> bool:
    """Do part after part; return False when time was up before the end."""
    if batch.attempts > MAX_ATTEMPTS:
        _finish(batch, State.FAILED)
        return True
    try:
        while _do_part(batch):
            fault_point("batch.part_committed")
            if time.monotonic() > until:
                leases.held(QUEUE, batch).update(lease=None, next_attempt_at=database_now())
                return False
    except Exception:
        logger.exception("Batch %s broke off, attempt %s", batch.pk, batch.attempts)
        leases.postpone(QUEUE, batch)
        return True
    _finish(batch, State.DONE)
    return True


@write
def _do_part(batch: Batch) -> bool:
    """Give the next tasks their turn, in one transaction with the progress; return whether there were any."""
    row = leases.held(QUEUE, batch).select_for_update(of=("self",)).select_related("actor").first()
    ids = row.request["ids"][row.cursor : row.cursor + settings.BULK_INLINE] if row else []
    if row is None or not ids:
        return False
    report = Report(_running(row, ids), Options(mode=Mode.BEST_EFFORT, dry_run=row.dry_run))
    with acting_through(door_of(row)), transaction.atomic():
        if row.dry_run and (earlier := relatives_among(row.request["ids"][: row.cursor], ids)):
            _give(Report(report.batch, report.options), row, earlier)  # their parts were rolled back
        _give(report, row, ids)
        transaction.set_rollback(row.dry_run)
    _keep(row, report)
    fault_point("batch.part_written")
    return True


def door_of(row: Batch) -> Door:
    """Return the door through which the request of a batch came."""
    return door_for(Origin(row.request["origin"]), user_id=row.actor_id, token_id=row.token_id)


def _running(row: Batch, ids: Sequence[int]) -> RunningBatch:
    """Return the batch as it runs on, with the events that earlier parts wrote for these tasks."""
    earlier = list(Activity.objects.filter(batch_id=row.pk, task_id__in=ids).order_by("pk"))
    running = RunningBatch(row.pk, earlier, former=row.request.get("former", {}), restoring=restoring_of(row))
    for task_id, people in row.request.get("mentioned", {}).items():
        running.mentioned[int(task_id)] = set(people)
    running.unblocked |= set(row.request.get("unblocked", []))
    return running


def _give(report: Report, row: Batch, ids: Sequence[int]) -> None:
    if row.action == Action.UNDO:
        events = events_by_task(UUID(row.request["undoes"]), ids)
        give_back(report, actor=row.actor, events=events, ids=ids)
    else:
        give_turns(report, actor=row.actor, ids=ids, order=Order.from_json(row.request["order"]))


def _keep(row: Batch, report: Report) -> None:
    """Write the results of a part and how far the batch is."""
    keep_items(row, report.items, first=row.cursor)
    running, counts = report.batch, counted(report.items)
    row.counts = {outcome: row.counts[outcome] + counts[outcome] for outcome in Outcome.values}
    row.cursor += len(report.items)
    row.state, row.attempts = State.RUNNING, 0
    if not row.dry_run:
        row.request |= {
            "former": running.former,
            "mentioned": {str(task_id): sorted(people) for task_id, people in running.mentioned.items()},
            "unblocked": sorted(running.unblocked),
        }
    row.save(update_fields=["counts", "cursor", "state", "attempts", "request"])
    leases.renew(QUEUE, row)


@write
def _finish(batch: Batch, state: State) -> None:
    """End a batch that is ours, and notify people of what it has done."""
    row = leases.held(QUEUE, batch).select_for_update(of=("self",)).first()
    if row is None:
        return
    row.state, row.lease, row.finished_at = state, None, database_now()
    row.save(update_fields=["state", "lease", "finished_at"])
    if row.dry_run:
        return
    if row.action == Action.UNDO and not row.counts[Outcome.CHANGED]:
        release_undone(row)
    undone = Batch.objects.filter(undone_by=row).first()
    if undone is not None and undone.action == Action.IMPORT:  # it notifies nobody (contract N2)
        with acting_through(door_of(row)), acting_in(RunningBatch(row.pk)):
            drop_labels_of(undone, actor=row.actor)
        return
    running = _running(row, [])
    running.events = list(Activity.objects.filter(batch_id=row.pk).order_by("pk"))
    with request_id_of(row.request.get("request_id", "")):
        notify_of(running, action=Action(row.action))

"""The only door through which batches are kept, marked as undone and dropped."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import models
from django.utils import timezone

from apps.batches.context import RunningBatch, current_batch
from apps.batches.items import Item
from apps.batches.models import Action, Batch, Mode, Outcome, State
from apps.common.background.purging import purge
from apps.common.errors import ConflictError, NotFoundError
from apps.common.origin import current_door
from apps.common.sql.statements import prepared
from apps.users.models import User

REASONS = {
    "running": "The batch is still running.",
    "dry_run": "A dry run has changed nothing.",
    "already_undone": "The batch has been undone already.",
    "expired": "It is too late to undo it.",
    "nothing": "The batch has changed nothing.",
}

ITEM = ("position", "project_id", "task_id", "task_key", "result", "version", "changes", "error")
# With bulk_create, this was a fifth of the time of a change of 200 tasks
KEEP_ITEMS = f"""
INSERT INTO batches_batchitem (batch_id, {", ".join(ITEM)})
SELECT %(batch)s::uuid, item.position, item.project_id, item.task_id, item.task_key, item.result, item.version,
    item.changes, nullif(item.error, 'null'::jsonb)
FROM jsonb_to_recordset(%(items)s::jsonb) AS item (
    position integer, project_id bigint, task_id bigint, task_key text, result text, version bigint,
    changes jsonb, error jsonb
)
ORDER BY item.position
"""  # noqa: S608 - columns of ours


def keep_act(
    batch_id: UUID, *, actor: User, action: Action, changed: int, former: Mapping[str, Mapping[int, Any]] | None = None
) -> None:
    """Keep a single act that can be undone, with the id of its events; inside a batch it is that batch's part.

    `former` is what its tasks had before and the events do not say, see `RunningBatch`.
    """
    running = current_batch() or RunningBatch(batch_id)
    for name, values in (former or {}).items():
        running.remember(name, values)
    if current_batch() is None:
        _keep(running, [], actor=actor, action=action, mode=Mode.ATOMIC, counts={Outcome.CHANGED: changed})


def keep_batch(batch: RunningBatch, items: Sequence[Item], *, actor: User, action: Action, mode: Mode) -> Batch:
    """Keep a finished batch with what became of its tasks, in the transaction of the work."""
    return _keep(batch, items, actor=actor, action=action, mode=mode, counts=counted(items))


def keep_changes(batch: RunningBatch, *, actor: User, action: Action, mode: Mode, changed: int) -> Batch:
    """Keep a finished batch of which something else says what became of each task."""
    return _keep(batch, [], actor=actor, action=action, mode=mode, counts={Outcome.CHANGED: changed})


def _keep(
    batch: RunningBatch,
    items: Sequence[Item],
    *,
    actor: User,
    action: Action,
    mode: Mode,
    counts: Mapping[str, int],
) -> Batch:
    now, total = timezone.now(), sum(counts.values())
    kept = Batch.objects.create(
        pk=batch.id,
        actor=actor,
        token_id=current_door().token_id,
        action=action,
        mode=mode,
        state=State.DONE,
        request={"former": batch.former} if batch.former else {},
        total=total,
        cursor=total,
        counts=dict.fromkeys(Outcome.values, 0) | {str(name): count for name, count in counts.items()},
        created_at=now,
        finished_at=now,
    )
    keep_items(kept, items)
    return kept


def keep_items(batch: Batch, items: Sequence[Item], *, first: int = 0) -> None:
    """Keep what became of tasks of a batch, in their order; `first` is the position of the first one."""
    rows = [vars(item) | {"position": position} for position, item in enumerate(items, first)]
    if rows:
        prepared(KEEP_ITEMS, {"batch": batch.pk, "items": json.dumps(rows)})


def counted(items: Iterable[Item]) -> dict[str, int]:
    """Return how many tasks had each outcome."""
    found = Counter(item.result for item in items)
    return {outcome.value: found[outcome] for outcome in Outcome}


def lock_for_undo(batch_id: UUID, *, now: datetime) -> Batch:
    """Lock a batch that is to be undone: of two undos one waits, and finds it undone.

    Raises NotFoundError when it is gone, ConflictError `not_undoable` with its `reason`.
    """
    batch = Batch.objects.select_for_update(of=("self",)).filter(pk=batch_id).first()
    if batch is None:
        raise NotFoundError
    if reason := batch.reason_against_undo(now=now):
        raise ConflictError(REASONS[reason], code="not_undoable", extra={"reason": reason})
    return batch


def mark_undone(batch: Batch, *, by: Batch) -> None:
    """Note which batch has undone the locked `batch`."""
    batch.undone_by = by
    batch.save(update_fields=["undone_by"])


def release_undone(undo: Batch) -> None:
    """Let what `undo` was to take back be undone again: it has changed nothing."""
    Batch.objects.filter(undone_by=undo).update(undone_by=None)


def delete_batches_of(user: User) -> None:
    """Delete what is kept of the acts of an account that is closing."""
    Batch.objects.filter(actor=user).delete()


def purge_batches(*, now: datetime) -> int:
    """Delete finished batches older than BATCH_DAYS in batches of rows; return how many."""
    oldest = now - timedelta(days=settings.BATCH_DAYS)
    done = models.Q(state__in=(State.DONE, State.FAILED))
    return purge(Batch.objects.filter(done, created_at__lt=oldest).order_by("created_at"))

"""Notifying people of events about tasks: the judgement and the rows of the outbox in one statement."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from typing import Any

from apps.batches.context import current_batch
from apps.notifications.services import notify_found
from apps.projects.models import Activity
from apps.tasks.watching import messages
from apps.tasks.watching.recipients import KINDS, SINGLY, TOGETHER, Act, act_of, rows_of


def notify_event(event: Activity, *, mentioned: Collection[int] = ()) -> None:
    """Notify everybody whom an event about one task concerns, in its transaction (contract WA3, N1).

    `mentioned` are the people who were never named before in the text that it wrote. Call it when the task is written.
    Inside a batch it only remembers them: the batch notifies once, by `notify_batch`.
    """
    if (batch := current_batch()) is not None:
        if event.task_id is not None and mentioned:
            batch.mentioned.setdefault(event.task_id, set()).update(mentioned)
        return
    if act := act_of(event, mentioned=mentioned):
        _enter_singly([act], actor_id=event.actor_id)


def notify_unblocked(event: Activity, task_ids: Iterable[int]) -> None:
    """Notify the assignee, or while nobody is assigned the creator, of tasks that nothing blocks any more (DE8).

    `event` is that of the last blocker; who does not see its project does not learn who acted. One row per task and
    person is written (N1). Inside a batch it only remembers them.
    """
    if (batch := current_batch()) is not None:
        batch.unblocked.update(task_ids)
        return
    act = Act(event=str(event.event_id), task=0, is_unblocked=True, acted_in=event.project_id)
    acts = [replace(act, task=task_id) for task_id in sorted(set(task_ids))]
    if acts:
        _enter_singly(acts, actor_id=event.actor_id)


def notify_batch(
    events: Iterable[Activity],
    *,
    action: str,
    mentioned: Mapping[int, Collection[int]] | None = None,
    unblocked: Iterable[int] = (),
) -> None:
    """Notify each person of a batch once, instead of once for each of its events (contract N2, BU12).

    `events` are all events of the batch, of one actor, in the order of the work; `action` is `archive`, `unarchive`,
    `move`, `complete`, `update` or another one of contract 09. `mentioned` has the people newly named in the text of
    a task, by its id; `unblocked` are the tasks that wait for no other any more. Of a `RunningBatch` these are its
    attributes. Call it when the batch is done; again it changes nothing.
    """
    known, named = list(events), mentioned or {}
    if not known:
        return
    first = known[0]
    batch, actor_id = str(first.batch_id or first.event_id), first.actor_id
    acts = [act for event in known if (act := act_of(event, mentioned=named.get(event.task_id or 0, ())))]
    acts += [Act(event=batch, task=task_id, is_unblocked=True) for task_id in sorted(set(unblocked))]
    if acts:
        values = {"acts": json.dumps(rows_of(acts)), "actor": actor_id, "batch": batch, "action": action}
        notify_found(TOGETHER, values, kinds=(messages.TasksChanged,))


def _enter_singly(acts: Iterable[Act], *, actor_id: int | None) -> None:
    values: dict[str, Any] = {"acts": json.dumps(rows_of(acts)), "actor": actor_id}
    notify_found(SINGLY, values, kinds=KINDS)

"""Which events go to a webhook: those of its types whose task matches its filter (contract WH1, WH10)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from apps.common.origin import Origin
from apps.imports.models import ImportJob
from apps.projects.events import EventType
from apps.projects.models import Activity
from apps.webhooks.judging import former_matches, matching, note_matches
from apps.webhooks.models import Delivery, Webhook
from apps.webhooks.subscriptions import types_of


@dataclass(frozen=True)
class Selected:
    """An event for a webhook; `left_filter` when it is the last one of a task that matches no more."""

    event: Activity
    left_filter: bool = False

    def as_delivery(self, webhook: Webhook, **fields: Any) -> Delivery:
        """Return the delivery, not saved."""
        return Delivery(
            webhook=webhook,
            project_id=webhook.project_id,
            activity_id=self.event.pk,
            event_id=self.event.event_id,
            type=self.event.type,
            left_filter=self.left_filter,
            **fields,
        )


def tasks_of(event: Activity) -> list[int]:
    """Return the tasks that an event is about, or whose thing it is about; none for what hangs on no task."""
    if event.task_id is not None:
        return [event.task_id]
    if event.object_type == "task":
        return event.object_ids or ([event.object_id] if event.object_id is not None else [])
    return []


def select(webhook: Webhook, events: Sequence[Activity]) -> list[Selected]:
    """Return which of `events` a webhook gets, judged by their tasks as they are now. Raises FilterError."""
    return _selected(webhook, events, former=set())[0]


def without_silent(events: Sequence[Activity]) -> list[Activity]:
    """Return the events without those of imports that are not to be sent, but for that of their end (contract IM9)."""
    batches = {event.batch_id for event in events if event.origin == Origin.IMPORT}
    if not batches:
        return list(events)
    loud = set(ImportJob.objects.filter(batch_id__in=batches, notify=True).values_list("batch_id", flat=True))
    return [
        event
        for event in events
        if event.origin != Origin.IMPORT or event.batch_id in loud or event.type == EventType.IMPORT_FINISHED
    ]


def select_and_note(webhook: Webhook, events: Sequence[Activity]) -> list[Selected]:
    """Return which of the next `events` the locked webhook gets, and note which tasks match. Raises FilterError."""
    if webhook.ast is None:
        return _selected(webhook, events, former=set())[0]
    tasks = {task for event in events for task in tasks_of(event)}
    former = former_matches(webhook, tasks)
    chosen, matched = _selected(webhook, events, former=former)
    note_matches(webhook, matched=matched - former, left=former - matched)
    return chosen


def _selected(webhook: Webhook, events: Sequence[Activity], *, former: set[int]) -> tuple[list[Selected], set[int]]:
    wanted, events = set(types_of(webhook.events)), without_silent(events)
    if webhook.ast is None:
        return [Selected(event) for event in events if event.type in wanted], set()
    matched = matching(webhook, {task for event in events for task in tasks_of(event)})
    leaving, chosen = former - matched, []
    for event in events:
        tasks = set(tasks_of(event))
        if not tasks or tasks & matched:
            chosen.append(Selected(event))
        elif tasks & leaving and event.type in wanted:
            chosen.append(Selected(event, left_filter=True))
            leaving -= tasks
    return [each for each in chosen if each.event.type in wanted], matched

"""How a write of `due_on` and `due_date` is understood: what was written decides, the other follows (DU1 to DU5)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from functools import cached_property
from typing import Any

from apps.batches.context import keep_former
from apps.common.dates.instants import utc
from apps.common.errors import ValidationError
from apps.tasks.days.ending import end_of_day
from apps.tasks.models import Task
from apps.users.models import User


class Zones:
    """The time zones of the people whose days a write may mean: those of `people` are read once, when one is asked for.

    `actor`'s counts while nobody is assigned.
    """

    def __init__(self, actor: User, people: Iterable[int | None]) -> None:
        self.actor, self._people = actor, {*people} - {None, actor.pk}

    def of(self, assignee_id: int | None) -> str:
        """Return the name of the zone for a task of this assignee."""
        if assignee_id is None or assignee_id == self.actor.pk:
            return self.actor.timezone
        return self._known.get(assignee_id) or self.actor.timezone

    @cached_property
    def _known(self) -> dict[int, str]:
        return dict(User.objects.filter(pk__in=self._people).values_list("pk", "timezone"))


def settle_new(fields: Mapping[str, Any], *, actor: User) -> Mapping[str, Any]:
    """Return the fields of a new task with the `due_date` of its `due_on`.

    Raises ValidationError `contradiction` at /due_on when both are named and disagree.
    """
    day = fields.get("due_on")
    if day is None:
        return fields
    assignee = fields.get("assigned_to")
    return {**fields, "due_date": _end(day, fields.get("due_date"), assignee, Zones(actor, [assignee]))}


def settle(task: Task, wanted: Mapping[str, Any], *, zones: Zones) -> dict[str, Any]:
    """Return the fields that change with `due_on` and `due_date` in agreement.

    `wanted` has those that differ from the task's alone, so that what a client sends back as it was read says nothing
    (DU3). `zones` knows the task's assignee and the wanted one. Raises ValidationError `contradiction` at /due_on.
    """
    settled = dict(wanted)
    assignee = wanted.get("assigned_to", task.assigned_to_id)
    if wanted.get("due_on") is not None:
        settled["due_date"] = _end(wanted["due_on"], wanted.get("due_date"), assignee, zones)
    elif "due_on" in wanted:  # all day no more: at the instant that is named beside it, or never
        settled["due_date"] = wanted.get("due_date")
    elif task.due_on is None:
        pass
    elif "due_date" in wanted:
        settled["due_on"] = None
    elif wanted.get("assigned_to") is not None:  # the day ends where the new assignee is (DU4)
        settled["due_date"] = _end(task.due_on, None, assignee, zones)
    return settled


def without_what_follows(task: Task, changes: dict[str, Any]) -> dict[str, Any]:
    """Return the changes just made to the task without a `due_date` that follows `due_on` (DU5).

    An instant whose place a day has taken is kept with the batch, for an undo (DU7).
    """
    is_cleared = "due_on" in changes and task.due_date is None
    if task.due_on is None and not is_cleared:
        return changes
    former = changes["due_date"][0] if "due_date" in changes else None
    if former is not None and "due_on" in changes and changes["due_on"][0] is None:
        keep_former("due_date", {task.pk: utc(former)})
    return {name: change for name, change in changes.items() if name != "due_date"}


def _end(day: date, instant: datetime | None, assignee_id: int | None, zones: Zones) -> datetime:
    end = end_of_day(day, zones.of(assignee_id))
    if instant not in (None, end):
        raise ValidationError.at("/due_on", "contradiction", "`due_on` and `due_date` name different days.")
    return end

"""Reads a project's log onwards from a number."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from apps.common.errors import GoneError
from apps.projects.models import Activity, Project


@dataclass(frozen=True)
class Events:
    """Some events in their order, and whether there are more behind them."""

    rows: list[Activity]
    has_more: bool


def events_after(project: Project, *, after: int, types: Collection[str], limit: int) -> Events:
    """Return up to `limit` events of the project with a number above `after`, of `types` or of all when that is empty.

    Raises GoneError `events_expired` when events above `after` are no longer kept, or when `after` is above the
    project's last number: the database was restored, and numbers mean something else now. `oldest` is the number of
    the oldest event that can be read.
    """
    log = Activity.objects.filter(project=project).order_by("seq")
    found = log.filter(seq__gt=after)
    rows = list((found.filter(type__in=types) if types else found)[: limit + 1])
    # Asked after the rows are read: what a purge removes in between is not passed over in silence.
    oldest = log.values_list("seq", flat=True).first() or project.last_seq + 1
    if after + 1 < oldest or after > project.last_seq:
        raise GoneError(
            "Events after this number are not kept: read the project anew, then go on from `oldest`.",
            code="events_expired",
            extra={"oldest": oldest},
        )
    return Events(rows[:limit], has_more=len(rows) > limit)

"""Figures over a set of tasks, in one SQL statement."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, DateTimeField, ExpressionWrapper, F, Q, QuerySet, Sum, Value
from django.db.models.expressions import Combinable
from django.db.models.functions import Extract

from apps.tasks.models import OPEN, Priority, Status, Task
from apps.tasks.models import overdue as is_overdue
from apps.users.people import people

DUE_SOON = timedelta(hours=24)
RECENT = timedelta(days=7)
SECONDS_IN_HOUR = 3600


# The columns of a group, in the order in which `grouped` selects them
AMOUNTS = ("total", "overdue", "due_soon", "created_lately", "completed_lately", "seconds")


def grouped(tasks: QuerySet[Task, Any], *, now: datetime | Combinable) -> QuerySet[Task, Any]:
    """Return one row per assignee, status and priority: the three and AMOUNTS.

    Every figure is a sum over such rows, so PostgreSQL counts each task once and not once per
    figure. `seconds` is from creation to completion.
    """
    instant = now if isinstance(now, Combinable) else Value(now)
    soon = ExpressionWrapper(instant + Value(DUE_SOON), output_field=DateTimeField())
    lately = ExpressionWrapper(instant - Value(RECENT), output_field=DateTimeField())
    amounts = {
        "total": Count("pk"),
        "overdue": Count("pk", filter=is_overdue(now=instant)),
        "due_soon": Count("pk", filter=OPEN & Q(due_date__gte=instant, due_date__lt=soon)),
        "created_lately": Count("pk", filter=Q(created_at__gte=lately)),
        "completed_lately": Count("pk", filter=Q(completed_at__gte=lately)),
        "seconds": Extract(Sum(F("completed_at") - F("created_at")), "epoch"),
    }
    return (
        tasks.order_by()
        .values("assigned_to", "status", "priority")
        .annotate(**amounts)
        .values_list("assigned_to", "status", "priority", *AMOUNTS)
    )


def task_statistics(tasks: QuerySet[Task, Any], *, now: datetime) -> dict[str, Any]:
    """Return the API's statistics over `tasks`, see `figures`."""
    return figures(grouped(tasks, now=now))


def figures(groups: Iterable[tuple[Any, ...]]) -> dict[str, Any]:
    """Return the API's statistics from the rows of `grouped`; hours and the rate are rounded."""
    all_of: Counter[str] = Counter()
    by_status, by_priority = Counter[str](), Counter[str]()
    shares: dict[int | None, Counter[str]] = defaultdict(Counter)
    for assignee, status, priority, *values in groups:
        amounts = dict(zip(AMOUNTS, values, strict=True))
        amounts["seconds"] = float(amounts["seconds"] or 0)
        all_of.update(amounts)
        by_status[status] += amounts["total"]
        by_priority[priority] += amounts["total"]
        share = shares[assignee]
        share.update(total=amounts["total"], overdue=amounts["overdue"])
        share["open"] += 0 if status == Status.DONE else amounts["total"]
    total, done = all_of["total"], by_status[Status.DONE]
    return {
        "total": total,
        "by_status": {value: by_status[value] for value in Status.values},
        "by_priority": {value: by_priority[value] for value in Priority.values},
        "by_assignee": list(_shares(shares)),
        **{name: all_of[name] for name in ("overdue", "due_soon")},
        "unassigned": shares[None]["total"],
        "created_last_7_days": all_of["created_lately"],
        "completed_last_7_days": all_of["completed_lately"],
        "completion_rate": round(done / total, 4) if total else None,
        "average_completion_hours": round(all_of["seconds"] / done / SECONDS_IN_HOUR, 2) if done else None,
    }


def _shares(shares: Mapping[int | None, Counter[str]]) -> Iterator[dict[str, Any]]:
    """Yield the shares of the assignees, largest first."""
    assigned = [(who, share) for who, share in shares.items() if who is not None]
    known = people(who for who, _ in assigned)
    for who, share in sorted(assigned, key=lambda pair: (-pair[1]["total"], pair[0])):
        yield {"user": known[who], **{name: share[name] for name in ("total", "open", "overdue")}}

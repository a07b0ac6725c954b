"""Figures over a set of tasks, in one SQL statement."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, F, Q, QuerySet, Sum

from apps.tasks.models import Priority, Status, Task
from apps.users.models import User

DUE_SOON = timedelta(hours=24)
RECENT = timedelta(days=7)
SECONDS_IN_HOUR = 3600


def task_statistics(tasks: QuerySet[Task], *, now: datetime) -> dict[str, Any]:
    """Return the figures of CONTRACT's statistics over `tasks`; hours and the rate are rounded.

    PostgreSQL counts per assignee, which is one of the figures; the others are sums of those.
    """
    groups: list[dict[str, Any]] = list(
        tasks.order_by()
        .values("assigned_to", **{name: F(f"assigned_to__{name}") for name in ("username", "nickname", "avatar")})
        .annotate(**_counts(now))  # type: ignore[arg-type]
    )
    sums: Counter[str] = Counter()
    for group in groups:
        sums.update({name: group[name] for name in COUNTED})
    seconds = sum(group["seconds"].total_seconds() for group in groups if group["seconds"] is not None)
    done, total = sums["status_done"], sums["total"]
    return {
        "total": total,
        "by_status": {value: sums[f"status_{value}"] for value in Status.values},
        "by_priority": {value: sums[f"priority_{value}"] for value in Priority.values},
        "by_assignee": [_share(group) for group in sorted(groups, key=_most_first) if group["assigned_to"]],
        "overdue": sums["overdue"],
        "due_soon": sums["due_soon"],
        "unassigned": sum(group["total"] for group in groups if group["assigned_to"] is None),
        "created_last_7_days": sums["created_lately"],
        "completed_last_7_days": sums["completed_lately"],
        "completion_rate": round(done / total, 4) if total else None,
        "average_completion_hours": round(seconds / done / SECONDS_IN_HOUR, 2) if done else None,
    }


COUNTED = (
    "total",
    *(f"status_{value}" for value in Status.values),
    *(f"priority_{value}" for value in Priority.values),
    "overdue",
    "due_soon",
    "created_lately",
    "completed_lately",
)


def _counts(now: datetime) -> dict[str, Any]:
    pending = ~Q(status=Status.DONE) & Q(archived_at=None)
    conditions = {
        **{f"status_{value}": Q(status=value) for value in Status.values},
        **{f"priority_{value}": Q(priority=value) for value in Priority.values},
        "overdue": pending & Q(due_date__lt=now),
        "due_soon": pending & Q(due_date__gte=now, due_date__lt=now + DUE_SOON),
        "created_lately": Q(created_at__gte=now - RECENT),
        "completed_lately": Q(completed_at__gte=now - RECENT),
    }
    return {
        "total": Count("pk"),
        "seconds": Sum(F("completed_at") - F("created_at")),
        **{name: Count("pk", filter=condition) for name, condition in conditions.items()},
    }


def _share(group: dict[str, Any]) -> dict[str, Any]:
    user = User(id=group["assigned_to"], username=group["username"], nickname=group["nickname"], avatar=group["avatar"])
    open_count = group["total"] - group["status_done"]
    return {"user": user, "total": group["total"], "open": open_count, "overdue": group["overdue"]}


def _most_first(group: dict[str, Any]) -> tuple[int, int]:
    return -group["total"], group["assigned_to"] or 0

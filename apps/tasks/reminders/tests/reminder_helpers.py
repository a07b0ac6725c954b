"""What tests of reminders share."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from apps.notifications.models import Notification
from apps.notifications.reading import load
from apps.notifications.tests.outbox_rows import as_read
from apps.tasks.reminders.messages import TaskDueSoon, TaskOverdue

HOUR, DAY = timedelta(hours=1), timedelta(days=1)

START = datetime(2027, 3, 1, 8, tzinfo=UTC)


def reminded() -> list[tuple[str, str]]:
    """Return (kind, username) of what was entered to be notified, oldest first."""
    rows = Notification.objects.filter(in_app=True, kind__in=["task_due_soon", "task_overdue"]).order_by("pk")
    return list(rows.values_list("kind", "recipient__username"))


def words_of(row: Notification):
    kind = {"task_due_soon": TaskDueSoon, "task_overdue": TaskOverdue}[row.kind]
    return as_read(kind.content(row, load([row])[row.pk]))


def rejection_of(row: Notification) -> str:
    kind = {"task_due_soon": TaskDueSoon, "task_overdue": TaskOverdue}[row.kind]
    subject = load([row]).get(row.pk)
    return kind.reason_to_withhold(row, subject) if subject else "gone"

"""Due reminders: a range scan that enters in the outbox who is to be reminded of what, each thing once.

Nothing depends on when or how often the scan runs. `now` is read once and passed on. What was
entered is known by its key in the outbox; how late an entry is, by the instant of the scan before.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import connection, transaction

from apps.common.faults import declare, fault_point
from apps.notifications.kinds import Kind
from apps.notifications.services import NotificationRequest, notify_many
from apps.tasks.reminders.messages import REVERSIBLE, TaskDueSoon, TaskOverdue

declare("remind.batch_entered", "remind.scanned")

BATCH = 5_000  # candidates per statement
MAX_LATE = timedelta(hours=24)  # what is later goes into one note per person
# Never further back than this, whatever the time since the last scan; less than the outbox's retention.
HORIZON = timedelta(days=30)
LISTED = 20  # tasks that a note remembers by id
SCANNED = "tasks.remind.scanned"


@dataclass(frozen=True)
class Due:
    """A reminder to enter: `key` names task and date, `late` is in seconds."""

    task_id: int
    project_id: int
    due_date: datetime
    person_id: int
    key: str
    late: int
    is_past: bool

    def entry(self, kind: type[Kind]) -> NotificationRequest:
        """Return it as a row of the ledger."""
        due = self.due_date.astimezone(UTC).isoformat().replace("+00:00", "Z")
        return NotificationRequest(
            kind,
            recipient_id=self.person_id,
            dedupe=self.key,
            project_id=self.project_id,
            task_id=self.task_id,
            data={"due_date": due, "late": self.late, "is_past": self.is_past},
        )


@dataclass(frozen=True)
class Scanned:
    """What a scan entered: reminders of both kinds, and notes about what is too late to be one."""

    due_soon: int = 0
    overdue: int = 0
    notes: int = 0


# Who is notified of a task: a member who is active, and is its assignee, or its creator while it has none.
# The range of dates is that of the index task_kept_with_date; whether a task is open is seen in its row.
CANDIDATES = """
SELECT task.id, task.project_id, task.due_date, person.id, wanted.key,
    greatest(extract(epoch FROM %(now)s - greatest({moment}, task.updated_at, %(since)s)), 0)::bigint,
    task.due_date <= %(now)s
FROM tasks_task task
JOIN projects_project project ON project.id = task.project_id AND project.archived_at IS NULL
    AND project.trash_id IS NULL
JOIN users_user person ON person.id = coalesce(task.assigned_to_id, task.created_by_id) AND person.is_active
JOIN projects_membership member ON member.project_id = task.project_id AND member.user_id = person.id
CROSS JOIN LATERAL (
    SELECT '{prefix}:' || task.id || ':' || (extract(epoch FROM task.due_date) * 1000000)::bigint AS key
) wanted
WHERE task.trash_id IS NULL AND task.archived_at IS NULL AND task.due_date IS NOT NULL AND task.status <> 'done'
    AND (task.due_date, task.id) > (%(after)s, %(after_id)s) AND task.due_date <= %(until)s
    AND task.created_at < task.due_date
    AND {condition}
    AND NOT EXISTS (
        SELECT FROM notifications_notification sent
        WHERE {sent} AND NOT (sent.mail_state = 'suppressed' AND sent.reason = ANY(%(reversible)s))
    )
ORDER BY task.due_date, task.id
LIMIT %(limit)s
"""
LEAD = "make_interval(mins => person.reminder_lead_minutes)"
DUE_SOON = CANDIDATES.format(
    prefix="remind",
    moment=f"task.due_date - {LEAD}",
    # A date that passed unannounced was missed by an outage only if its moment came after the last scan.
    condition=f"task.due_date - {LEAD} <= %(now)s AND (task.due_date > %(now)s OR task.due_date - {LEAD} > %(since)s)",
    sent="sent.dedupe_key = wanted.key || ':' || person.id",
)
OVERDUE = CANDIDATES.format(
    prefix="overdue",
    moment="task.due_date",
    condition="true",
    # Once per task and date, whoever has the task by now; compared by bytes in every collation
    sent="sent.dedupe_key ~>=~ (wanted.key || ':') AND sent.dedupe_key ~<~ (wanted.key || ';')",
)


def remind(*, now: datetime) -> Scanned:
    """Enter all reminders that are due at `now` and not yet entered.

    Each batch commits on its own: a scan that dies has lost nothing, the next one goes on.
    """
    since = _last_scan(now)
    missed: list[tuple[type[Kind], Due]] = []
    due_soon = overdue = 0
    for batch in _batches(DUE_SOON, now=now, since=since, start=since, until=now + _longest_lead()):
        due_soon += _enter(TaskDueSoon, batch, missed)
    start = min(since, now - MAX_LATE)
    for batch in _batches(OVERDUE, now=now, since=since, start=start, until=now):
        overdue += _enter(TaskOverdue, batch, missed)
    notes = _note_missed(missed, since=since)
    note_scan(now)
    fault_point("remind.scanned")
    return Scanned(due_soon, overdue, notes)


def note_scan(now: datetime) -> None:
    """Remember that everything due until `now` was looked at."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO common_heartbeat AS known (name, beat_at) VALUES (%s, %s)
            ON CONFLICT (name) DO UPDATE SET beat_at = greatest(known.beat_at, excluded.beat_at)
            """,
            [SCANNED, now],
        )


def _last_scan(now: datetime) -> datetime:
    """Return the instant of the scan before, at most HORIZON ago; without one, HORIZON ago."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT beat_at FROM common_heartbeat WHERE name = %s", [SCANNED])
        row = cursor.fetchone()
    return min(max(row[0], now - HORIZON), now) if row else now - HORIZON


def _longest_lead() -> timedelta:
    with connection.cursor() as cursor:
        cursor.execute("SELECT coalesce(max(reminder_lead_minutes), 0) FROM users_user WHERE is_active")
        row = cursor.fetchone()
    return timedelta(minutes=row[0] if row else 0)


def _batches(
    statement: str, *, now: datetime, since: datetime, start: datetime, until: datetime
) -> Iterator[list[Due]]:
    """Walk the candidates by due date, so that no batch looks at what another has seen."""
    parameters: dict[str, Any] = {
        "now": now,
        "since": since,
        "until": until,
        "after": start,
        "after_id": 2**63 - 1,
        "limit": BATCH,
        "reversible": list(REVERSIBLE),
    }
    full = True
    while full:
        with connection.cursor() as cursor:
            cursor.execute(statement, parameters)
            batch = [Due(*row) for row in cursor.fetchall()]
        full = len(batch) == BATCH
        if batch:
            parameters |= {"after": batch[-1].due_date, "after_id": batch[-1].task_id}
            yield batch


def _enter(kind: type[Kind], batch: list[Due], missed: list[tuple[type[Kind], Due]]) -> int:
    in_time = [due for due in batch if due.late <= MAX_LATE.total_seconds()]
    missed.extend((kind, due) for due in batch if due.late > MAX_LATE.total_seconds())
    entered = notify_many(due.entry(kind) for due in in_time)
    fault_point("remind.batch_entered")
    return entered


def _note_missed(missed: list[tuple[type[Kind], Due]], *, since: datetime) -> int:
    """Enter one note in the app for each person with reminders that come too late; return how many notes.

    In one transaction with rows shown nowhere that keep each of them from being entered later.
    """
    if not missed:
        return 0
    by_person: dict[int, dict[int, None]] = defaultdict(dict)  # tasks in order, each once
    with transaction.atomic():
        notify_many((due.entry(kind) for kind, due in missed), in_app=False, mail=False)
        for _, due in missed:
            by_person[due.person_id][due.task_id] = None
        notes = (
            NotificationRequest(
                TaskDueSoon,
                recipient_id=person_id,
                dedupe=f"missed:{int(since.timestamp())}",
                data={"tasks": list(task_ids)[:LISTED], "count": len(task_ids)},
            )
            for person_id, task_ids in by_person.items()
        )
        return notify_many(notes, mail=False)

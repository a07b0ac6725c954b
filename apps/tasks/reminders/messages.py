"""How due reminders read, and when they are no longer true."""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext_lazy, ngettext

from apps.common.language.texts import gettext
from apps.notifications.kinds import Content, Summary, register
from apps.notifications.models import Notification
from apps.notifications.user_text import user_text
from apps.tasks.messages import TaskKind, facts
from apps.tasks.models import Status
from apps.tasks.queries.reader_tasks import TaskForReader, tasks_for_readers
from apps.tasks.wording import due_in_short, local_time, short_day, short_time, span, whole_day

LATE = 15 * 60  # seconds; less is what a busy scan costs
NOBODYS = "the task is somebody else's"
DONE = "the task is done"
ARCHIVED = "the task is archived"
PROJECT_ARCHIVED = "the project is archived"
MOVED = "the due date has changed"
# What may be so no more: then the same reminder may be entered again.
REVERSIBLE = (NOBODYS, DONE, ARCHIVED, PROJECT_ARCHIVED, MOVED)
LISTED = 10  # tasks named in a note about many


@dataclass(frozen=True)
class Missed:
    """The tasks of a note about reminders that an outage swallowed, as far as still visible."""

    tasks: tuple[TaskForReader, ...]


class ReminderKind(TaskKind):
    """A due date that comes or came; `data` has `due_date` and how late the reminder was entered (seconds)."""

    @classmethod
    def load(cls, rows: Sequence[Notification]) -> Mapping[int, Any]:
        """Return the task of each row, or the tasks of a note about many."""
        single = [row for row in rows if row.task_id is not None]
        subjects: dict[int, Any] = dict(super().load(single))
        notes = [row for row in rows if row.task_id is None]
        if notes:
            seen = tasks_for_readers((pk, row.reader_id) for row in notes for pk in row.data.get("tasks", []))
            for row in notes:
                tasks = (seen.get((pk, row.reader_id)) for pk in row.data.get("tasks", []))
                if visible := tuple(task for task in tasks if task):
                    subjects[row.pk] = Missed(visible)
        return subjects

    @classmethod
    def load_for_mail(cls, rows: Sequence[Notification]) -> Mapping[int, Any]:
        """Return the same: reminders do not depend on what people chose to hear (contract WA4)."""
        return cls.load(rows)

    @classmethod
    def reason_to_withhold(cls, row: Notification, subject: Any) -> str:
        if isinstance(subject, Missed):
            return ""
        return _outdated(row, subject)

    @classmethod
    def summary(cls, row: Notification, subject: Any) -> Summary:
        return _missed(row, subject) if isinstance(subject, Missed) else super().summary(row, subject)

    @classmethod
    def content(cls, row: Notification, subject: Any) -> Content:
        if isinstance(subject, Missed):
            return Content(*cls.summary(row, subject), why=gettext("You get this because these tasks are yours."))
        return super().content(row, subject)

    @classmethod
    def title(cls, row: Notification, subject: TaskForReader) -> str:
        when = _when(row, subject, is_short=True)
        return f"{subject.key} {cls.tense(row)} {when}: {user_text(subject.title)}"

    @classmethod
    def lines(cls, row: Notification, subject: TaskForReader, *, changed: Container[str] = ()) -> tuple[str, ...]:
        """Return the sentence, how late it comes, and the facts without the due date, which the sentence has."""
        late = int(row.data.get("late", 0))
        excuse = (
            (gettext("This reminder comes {late} late: reminders were not running.").format(late=span(late)),)
            if late >= LATE
            else ()
        )
        known = facts(subject, row.recipient.timezone, changed={"due_date"})
        return (cls.sentence(row, subject), *excuse, *known)

    @classmethod
    def tense(cls, row: Notification) -> str:
        """Return the verb before the time."""
        return gettext("was due") if row.data.get("is_past") else gettext("is due")

    @classmethod
    def sentence(cls, row: Notification, subject: TaskForReader) -> str:
        when = _when(row, subject)
        return gettext("The task “{title}” {tense} on {when}.").format(
            title=user_text(subject.title), tense=cls.tense(row), when=when
        )


@register
class TaskDueSoon(ReminderKind):
    """The due date comes; as long before as the person wants to be notified."""

    name = "task_due_soon"
    label = gettext_lazy("A task of mine is due soon")
    headline = gettext_lazy("is due")


@register
class TaskOverdue(ReminderKind):
    """The due date has passed."""

    name = "task_overdue"
    label = gettext_lazy("A task of mine is overdue")
    headline = gettext_lazy("is overdue")

    @classmethod
    def tense(cls, row: Notification) -> str:
        return gettext("is overdue since")

    @classmethod
    def sentence(cls, row: Notification, subject: TaskForReader) -> str:
        when = _when(row, subject)
        return gettext("The task “{title}” is overdue: it was due on {when}.").format(
            title=user_text(subject.title), when=when
        )


def _outdated(row: Notification, task: TaskForReader) -> str:
    """Return why a reminder is not true any more, or an empty string."""
    person = task.assigned_to_id or task.created_by_id
    reasons = {
        DONE: task.status == Status.DONE,
        ARCHIVED: task.archived_at is not None,
        PROJECT_ARCHIVED: task.project_archived_at is not None,
        MOVED: task.due_date is None or task.due_date != _due(row),
        NOBODYS: person != row.reader_id,
    }
    return next((reason for reason, holds in reasons.items() if holds), "")


def _due(row: Notification) -> datetime:
    due = parse_datetime(row.data["due_date"])
    assert due is not None  # noqa: S101 - written by the scan
    return due


def _when(row: Notification, task: TaskForReader, *, is_short: bool = False) -> str:
    """Return the date that the reminder is about: a day, or an instant in the reader's zone."""
    due, zone = _due(row), row.recipient.timezone
    if task.due_on is not None and task.due_date == due:
        return short_day(task.due_on) if is_short else whole_day(task.due_on)
    return short_time(due, zone) if is_short else local_time(due, zone)


def _missed(row: Notification, subject: Missed) -> Summary:
    zone, count = row.recipient.timezone, int(row.data["count"])
    lines = [
        gettext("{key} {title}: due {when}").format(
            key=task.key, title=user_text(task.title), when=due_in_short(task, zone)
        )
        if task.due_date
        else task.key
        for task in subject.tasks[:LISTED]
    ]
    if count > len(lines):
        lines.append(gettext("… and {n} more.").format(n=count - len(lines)))
    said = ngettext(
        "{n} reminder was missed while reminders were not running",
        "{n} reminders were missed while reminders were not running",
        count,
    )
    return Summary(said.format(n=count), tuple(lines))

"""What people are notified about tasks: one class per kind, when it is no longer true, how it reads."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from django.utils.translation import gettext_lazy, pgettext_lazy

from apps.common.language.texts import gettext, once_per_language
from apps.notifications.kinds import KINDS, Content, Kind, Summary, actor_of, register
from apps.notifications.models import Notification
from apps.notifications.scopes import register_subject
from apps.notifications.user_text import user_text
from apps.projects.roles import Capability, allows
from apps.tasks.models import Status, WatchLevel
from apps.tasks.queries.reader_tasks import (
    TaskForReader,
    members_among,
    task_rows,
    tasks_of_rows,
    with_levels,
    with_texts,
)
from apps.tasks.wording import changes_in_words, choice_in_words, due_in_words

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise

MUTED = "the recipient hears no more of it"
NOT_WATCHED = "neither assignee nor creator any more"  # and no watcher

# Inside a sentence
STATUSES = {
    Status.TODO.value: pgettext_lazy("status", "to do"),
    Status.IN_PROGRESS.value: pgettext_lazy("status", "in progress"),
    Status.REVIEW.value: pgettext_lazy("status", "in review"),
    Status.DONE.value: pgettext_lazy("status", "done"),
}

register_subject(task_rows)


class TaskKind(Kind):
    """A notification about one task; `data["changes"]` is {field: {"from", "to"}}."""

    headline: ClassVar[str | StrPromise]  # of the task with `key`, before its title
    shows_text: ClassVar[bool] = False  # of the comment in `data["comment"]`, or of the description without one

    @classmethod
    def people_named(cls, row: Notification) -> Iterable[Any]:
        changes = row.data.get("changes")
        return changes["assigned_to"].values() if changes and "assigned_to" in changes else ()

    @classmethod
    def load(cls, rows: Sequence[Notification]) -> Mapping[int, TaskForReader]:
        """Return the task of each row whose recipient is a member of its project, then and now.

        One query, none for rows of a list in the app; another when tasks have moved, two more for texts that are shown.
        """
        subjects = tasks_of_rows(rows)
        moved = {
            row.id: (row.project_id or 0, row.reader_id)
            for row in rows
            if row.id in subjects and subjects[row.id].project_id != row.project_id
        }
        members = members_among(moved.values())
        for pk, then in moved.items():
            if then not in members:
                del subjects[pk]
        quoting = {name for name, kind in KINDS.items() if getattr(kind, "shows_text", False)}
        comments = {row.id: row.data.get("comment") for row in rows if row.kind in quoting and row.id in subjects}
        return with_texts(subjects, comments) if comments else subjects

    @classmethod
    def load_for_mail(cls, rows: Sequence[Notification]) -> Mapping[int, Any]:
        """Return the tasks with what the recipients chose to hear of them by now, one more query."""
        return with_levels(cls.load(rows))

    @classmethod
    def reason_to_withhold(cls, row: Notification, subject: TaskForReader) -> str:
        """Return why the recipient's level, by now, forbids it (contract N3): the lines of WA3 for watchers."""
        if subject.is_muted or subject.task_level == WatchLevel.NONE:
            return MUTED
        return "" if subject.is_watched else NOT_WATCHED

    @classmethod
    def summary(cls, row: Notification, subject: TaskForReader) -> Summary:
        return Summary(cls.title(row, subject), cls.lines(row, subject))

    @classmethod
    def content(cls, row: Notification, subject: TaskForReader) -> Content:
        changed = row.data.get("changes", {})
        return Content(
            cls.title(row, subject),
            cls.lines(row, subject, changed=changed),
            heading=f"{subject.key} {user_text(subject.title)}",
            changes=tuple(changes_in_words(changed, people=row.people, zone=row.recipient.timezone)),
            why=cls.reason(row, subject),
            path=f"/tasks/{subject.task_id}/",
            action=gettext("Open the task"),
            thread=f"task-{subject.task_id}",
        )

    @classmethod
    def title(cls, row: Notification, subject: TaskForReader) -> str:
        """Return the subject line."""
        return f"{subject.key} {cls.headline_of(row)}: {user_text(subject.title)}"

    @classmethod
    def lines(cls, row: Notification, subject: TaskForReader, *, changed: Container[str] = ()) -> tuple[str, ...]:
        """Return what happened and the facts of the task, but those that stand among the changes anyway."""
        return (cls.sentence(row, subject), *facts(subject, row.recipient.timezone, changed=changed))

    @classmethod
    def headline_of(cls, row: Notification) -> str:
        """Return what the subject line says between the task's key and its title."""
        return _headline(cls)

    @classmethod
    def sentence(cls, row: Notification, subject: TaskForReader) -> str:
        """Return who did what, in a sentence."""
        raise NotImplementedError

    @classmethod
    def reason(cls, row: Notification, subject: TaskForReader) -> str:
        """Return why the recipient gets this."""
        if subject.assigned_to_id == row.reader_id:
            return gettext("You get this because the task is assigned to you.")
        if subject.created_by_id == row.reader_id:
            return gettext("You get this because you created the task.")
        return gettext("You get this because you watch the task.")


@register
class TaskCreated(TaskKind):
    """A new task, for the project's owner and admins, and for who hears everything of the project."""

    name = "task_created"
    label = gettext_lazy("A task is created in a project I manage or watch")
    email_default = False
    headline = gettext_lazy("is new")

    @classmethod
    def reason_to_withhold(cls, row: Notification, subject: TaskForReader) -> str:
        if subject.is_muted or subject.task_level == WatchLevel.NONE:
            return MUTED
        if subject.project_level == WatchLevel.ALL or allows(subject.role, Capability.MANAGE_PROJECT):
            return ""
        return "does not manage the project any more"

    @classmethod
    def sentence(cls, row: Notification, subject: TaskForReader) -> str:
        return gettext("{actor} created the task “{title}”.").format(
            actor=actor_of(row), title=user_text(subject.title)
        )

    @classmethod
    def reason(cls, row: Notification, subject: TaskForReader) -> str:
        if allows(subject.role, Capability.MANAGE_PROJECT):
            return gettext("You get this because you manage the project.")
        return gettext("You get this because you watch the project.")


@register
class TaskAssigned(TaskKind):
    """The recipient was given the task."""

    name = "task_assigned"
    label = gettext_lazy("A task is assigned to me")
    headline = gettext_lazy("is assigned to you")

    @classmethod
    def reason_to_withhold(cls, row: Notification, subject: TaskForReader) -> str:
        return "" if subject.assigned_to_id == row.reader_id else "not assigned any more"

    @classmethod
    def sentence(cls, row: Notification, subject: TaskForReader) -> str:
        return gettext("{actor} assigned the task “{title}” to you.").format(
            actor=actor_of(row), title=user_text(subject.title)
        )


@register
class TaskUnassigned(TaskKind):
    """The task was taken from the recipient."""

    name = "task_unassigned"
    label = gettext_lazy("A task is no longer assigned to me")
    headline = gettext_lazy("is no longer assigned to you")

    @classmethod
    def reason_to_withhold(cls, row: Notification, subject: TaskForReader) -> str:
        return "assigned again" if subject.assigned_to_id == row.reader_id else ""

    @classmethod
    def sentence(cls, row: Notification, subject: TaskForReader) -> str:
        return gettext("{actor} unassigned the task “{title}” from you.").format(
            actor=actor_of(row), title=user_text(subject.title)
        )

    @classmethod
    def reason(cls, row: Notification, subject: TaskForReader) -> str:
        return gettext("You get this because the task was assigned to you.")


@register
class TaskUpdated(TaskKind):
    """Fields of the task changed."""

    name = "task_updated"
    label = gettext_lazy("A task of mine, or that I watch, changes")
    headline = gettext_lazy("was changed")

    @classmethod
    def sentence(cls, row: Notification, subject: TaskForReader) -> str:
        return gettext("{actor} changed the task “{title}”.").format(
            actor=actor_of(row), title=user_text(subject.title)
        )


@register
class TaskStatusChanged(TaskKind):
    """The task's status changed, and nothing else."""

    name = "task_status_changed"
    label = gettext_lazy("A task of mine, or that I watch, changes its status")
    headline = gettext_lazy("has a new status")

    @classmethod
    def headline_of(cls, row: Notification) -> str:
        return _is_now(_status_of(row))

    @classmethod
    def sentence(cls, row: Notification, subject: TaskForReader) -> str:
        return gettext("{actor} set the task “{title}” to “{status}”.").format(
            actor=actor_of(row), title=user_text(subject.title), status=_status(row)
        )


def facts(task: TaskForReader, zone: str, *, changed: Container[str] = ()) -> tuple[str, ...]:
    """Return what the reader should know of the task beside what happened, without the fields in `changed`."""
    place = _place(task.project_name, "" if "priority" in changed else task.priority)
    if task.due_date is None or "due_date" in changed or "due_on" in changed:
        return (place,)
    return (place, due_in_words(task.due_on, task.due_date, zone))


@once_per_language  # many tasks of a project have the same
def _place(project_name: str, priority: str) -> str:
    """Return the project's line, without the priority where that is empty."""
    place = gettext("Project: {name}").format(name=user_text(project_name))
    if not priority:
        return place
    return gettext("{place} · Priority: {priority}").format(place=place, priority=choice_in_words("priority", priority))


def _status_of(row: Notification) -> str:
    return str(row.data["changes"]["status"]["to"])


def _status(row: Notification) -> str:
    return choice_in_words("status", _status_of(row))


@once_per_language
def _is_now(status: str) -> str:
    return gettext("is now {status}").format(status=STATUSES[status])


@once_per_language
def _headline(kind: type[TaskKind]) -> str:
    return str(kind.headline)

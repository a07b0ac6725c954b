"""How notifications of watchers read, and when they are no longer true: mentions, comments, batches."""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy, ngettext

from apps.common.language.texts import gettext
from apps.notifications.kinds import KINDS, Content, Kind, Summary, actor_of, register
from apps.notifications.models import Notification
from apps.notifications.user_text import user_text
from apps.tasks.messages import MUTED, NOT_WATCHED, TaskKind, facts
from apps.tasks.queries.reader_tasks import TaskForReader, tasks_for_readers, with_levels

LISTED = 10  # tasks named in a notification about many


class TextKind(TaskKind):
    """Shows the beginning of a comment, or of the description, as it is when it is shown or sent."""

    shows_text = True

    @classmethod
    def lines(cls, row: Notification, subject: TaskForReader, *, changed: Container[str] = ()) -> tuple[str, ...]:
        """Return what happened, the text, and the facts of the task."""
        text = user_text(subject.text)
        return (cls.sentence(row, subject), text, *facts(subject, row.recipient.timezone, changed=changed))


@register
class TaskMentioned(TextKind):
    """The recipient was named in a comment or in the description."""

    name = "task_mentioned"
    label = gettext_lazy("I am mentioned in a task")
    headline = gettext_lazy("mentions you")

    @classmethod
    def reason_to_withhold(cls, row: Notification, subject: TaskForReader) -> str:
        return MUTED if subject.is_muted else ""

    @classmethod
    def sentence(cls, row: Notification, subject: TaskForReader) -> str:
        place = gettext("a comment on") if "comment" in row.data else gettext("the description of")
        return gettext("{actor} mentioned you in {place} the task “{title}”.").format(
            actor=actor_of(row), place=place, title=user_text(subject.title)
        )

    @classmethod
    def reason(cls, row: Notification, subject: TaskForReader) -> str:
        return gettext("You get this because you were mentioned.")


@register
class CommentAdded(TextKind):
    """Somebody commented."""

    name = "comment_added"
    label = gettext_lazy("A task of mine, or that I watch, is commented on")
    headline = gettext_lazy("has a new comment")

    @classmethod
    def sentence(cls, row: Notification, subject: TaskForReader) -> str:
        return gettext("{actor} commented on the task “{title}”.").format(
            actor=actor_of(row), title=user_text(subject.title)
        )


@register
class WatcherAdded(TaskKind):
    """The recipient was made a watcher by somebody else."""

    name = "watcher_added"
    label = gettext_lazy("Somebody has me watch a task")
    headline = gettext_lazy("is now watched by you")

    @classmethod
    def sentence(cls, row: Notification, subject: TaskForReader) -> str:
        return gettext("{actor} added you to those who watch the task “{title}”.").format(
            actor=actor_of(row), title=user_text(subject.title)
        )

    @classmethod
    def reason(cls, row: Notification, subject: TaskForReader) -> str:
        return gettext("You get this because you were added to the task. You can stop watching it there.")


@register
class TaskUnblocked(TaskKind):
    """The last task that the recipient's waited for is done."""

    name = "task_unblocked"
    label = gettext_lazy("A task of mine no longer waits for another")
    headline = gettext_lazy("can go on")

    @classmethod
    def reason_to_withhold(cls, row: Notification, subject: TaskForReader) -> str:
        if subject.is_muted:
            return MUTED
        is_for_them = row.reader_id == (subject.assigned_to_id or subject.created_by_id)
        return "" if is_for_them else "neither assignee nor creator any more"

    @classmethod
    def sentence(cls, row: Notification, subject: TaskForReader) -> str:
        return gettext("The task “{title}” no longer waits for another task: {actor} finished the last one.").format(
            title=user_text(subject.title), actor=actor_of(row)
        )


@dataclass(frozen=True)
class SomeTasks:
    """The first tasks of a batch, in its order, as far as they are still visible, by their ids."""

    tasks: Mapping[int, TaskForReader]


@register
class TasksChanged(Kind):
    """Many tasks were changed by one act (contract N2).

    `data` has the `action`, the `count` of tasks that concern the recipient, and of the first of them [id, name of the
    kind] that a single act would have sent (`tasks`).
    """

    name = "tasks_changed"
    label = gettext_lazy("Several tasks of mine, or that I watch, change at once")

    @classmethod
    def load(cls, rows: Sequence[Notification]) -> Mapping[int, Any]:
        """Return the first tasks of each row; no entry when none is visible any more. One query."""
        seen = tasks_for_readers((pk, row.reader_id) for row in rows for pk, _ in row.data["tasks"])
        subjects = {}
        for row in rows:
            tasks = {pk: seen[pk, row.reader_id] for pk, _ in row.data["tasks"] if (pk, row.reader_id) in seen}
            if tasks:
                subjects[row.pk] = SomeTasks(tasks)
        return subjects

    @classmethod
    def load_for_mail(cls, rows: Sequence[Notification]) -> Mapping[int, Any]:
        """Return the tasks with what the recipients chose to hear of them by now, one more query."""
        subjects = cls.load(rows)
        tasks = [(pk, task) for pk, subject in subjects.items() for task in subject.tasks.values()]
        leveled = with_levels({position: task for position, (_, task) in enumerate(tasks)})
        found: dict[int, dict[int, TaskForReader]] = {pk: {} for pk in subjects}
        for position, (pk, _) in enumerate(tasks):
            found[pk][leveled[position].task_id] = leveled[position]
        return {pk: SomeTasks(known) for pk, known in found.items()}

    @classmethod
    def reason_to_withhold(cls, row: Notification, subject: SomeTasks) -> str:
        """Return why not when none of the first tasks would be worth a notification of its own any more."""
        reasons = [
            KINDS[name].reason_to_withhold(row, subject.tasks[pk])
            for pk, name in row.data["tasks"]
            if pk in subject.tasks
        ]
        return "" if not all(reasons) else next(iter(reasons), NOT_WATCHED)

    @classmethod
    def summary(cls, row: Notification, subject: SomeTasks) -> Summary:
        count = int(row.data["count"])
        lines = [f"{task.key} {user_text(task.title)}" for task in subject.tasks.values()]
        if count > len(lines):
            lines.append(gettext("… and {n} more.").format(n=count - len(lines)))
        return Summary(_act(row.data["action"], count).format(actor=actor_of(row), n=count), tuple(lines))

    @classmethod
    def content(cls, row: Notification, subject: SomeTasks) -> Content:
        title, lines = cls.summary(row, subject)
        return Content(title, lines, why=gettext("You get this because these tasks are yours, or you watch them."))


def _act(action: str, count: int) -> str:
    """Return what a batch did, with places for who and how many; an act of another name changed them."""
    match action:
        case "archive":
            return ngettext("{actor} archived {n} task", "{actor} archived {n} tasks", count)
        case "unarchive":
            return ngettext("{actor} unarchived {n} task", "{actor} unarchived {n} tasks", count)
        case "move":
            return ngettext("{actor} moved {n} task", "{actor} moved {n} tasks", count)
        case "complete":
            return ngettext("{actor} completed {n} task", "{actor} completed {n} tasks", count)
        case "create":
            return ngettext("{actor} created {n} task", "{actor} created {n} tasks", count)
        case "restore":
            return ngettext("{actor} restored {n} task", "{actor} restored {n} tasks", count)
        case "undo":
            return ngettext("{actor} undid a change of {n} task", "{actor} undid a change of {n} tasks", count)
    return ngettext("{actor} changed {n} task", "{actor} changed {n} tasks", count)

"""What people are told about tasks: one class per kind, when it is no longer true, how it reads."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, ClassVar

from apps.common.statements import AnyOf, Statement, instance
from apps.notifications.kinds import Kind, Words, actor_of, register
from apps.notifications.models import Notification
from apps.projects.models import Membership, Project
from apps.projects.roles import Capability, allows
from apps.tasks.models import Priority, Status, Task
from apps.tasks.wording import changes_in_words, local_time


@dataclass(frozen=True)
class Subject:
    """What a row is about: its task, and the recipient's role in the task's project."""

    task: Task
    role: str


class TaskKind(Kind):
    """Something told of one task; `data["changes"]` is {field: {"from", "to"}}."""

    headline: ClassVar[str]  # of the task with `key`, before its title

    @classmethod
    def named(cls, row: Notification) -> Iterable[Any]:
        changes = row.data.get("changes")
        return changes["assigned_to"].values() if changes and "assigned_to" in changes else ()

    @classmethod
    def load(cls, rows: Sequence[Notification]) -> Mapping[int, Subject]:
        """Return the task of each row whose recipient is a member of its project, then and now: two queries."""
        tasks = tasks_by_id(row.task_id for row in rows)
        roles = roles_by_person(rows, tasks.values())
        subjects = {}
        for row in rows:
            task = tasks.get(row.task_id or 0)
            if task is None or (row.project_id, row.recipient_id) not in roles:
                continue
            role = roles.get((task.project_id, row.recipient_id))
            if role is not None:
                subjects[row.id] = Subject(task, role)
        return subjects

    @classmethod
    def refusal(cls, row: Notification, subject: Subject) -> str:
        task = subject.task
        if row.recipient_id not in (task.assigned_to_id, task.created_by_id):
            return "neither assignee nor creator any more"
        return ""

    @classmethod
    def words(cls, row: Notification, subject: Subject) -> Words:
        task, zone = subject.task, row.recipient.timezone
        return Words(
            title=f"{task.key} {cls.headline_of(row)}: {task.title}",
            lines=(cls.sentence(row, subject), *facts(task, zone)),
            changes=tuple(changes_in_words(row.data.get("changes", {}), people=row.people, zone=zone)),
            why=cls.reason(row, subject),
            path=f"/tasks/{task.pk}/",
            action="Open the task",
            thread=f"task-{task.pk}",
        )

    @classmethod
    def headline_of(cls, row: Notification) -> str:
        """Return what the subject line says between the task's key and its title."""
        return cls.headline

    @classmethod
    def sentence(cls, row: Notification, subject: Subject) -> str:
        """Return who did what, in a sentence."""
        raise NotImplementedError

    @classmethod
    def reason(cls, row: Notification, subject: Subject) -> str:
        """Return why the recipient gets this."""
        if subject.task.assigned_to_id == row.recipient_id:
            return "You get this because the task is assigned to you."
        return "You get this because you created the task."


@register
class TaskCreated(TaskKind):
    """A new task, for the project's owner and admins."""

    name = "task_created"
    label = "A task is created in a project I manage"
    email_default = False
    headline = "is new"

    @classmethod
    def refusal(cls, row: Notification, subject: Subject) -> str:
        return "" if allows(subject.role, Capability.MANAGE_PROJECT) else "does not manage the project any more"

    @classmethod
    def sentence(cls, row: Notification, subject: Subject) -> str:
        return f"{actor_of(row)} created the task “{subject.task.title}”."

    @classmethod
    def reason(cls, row: Notification, subject: Subject) -> str:
        return "You get this because you manage the project."


@register
class TaskAssigned(TaskKind):
    """The recipient was given the task."""

    name = "task_assigned"
    label = "A task is assigned to me"
    headline = "is assigned to you"

    @classmethod
    def refusal(cls, row: Notification, subject: Subject) -> str:
        return "" if subject.task.assigned_to_id == row.recipient_id else "not assigned any more"

    @classmethod
    def sentence(cls, row: Notification, subject: Subject) -> str:
        return f"{actor_of(row)} assigned the task “{subject.task.title}” to you."


@register
class TaskUnassigned(TaskKind):
    """The task was taken from the recipient."""

    name = "task_unassigned"
    label = "A task is taken from me"
    headline = "is no longer assigned to you"

    @classmethod
    def refusal(cls, row: Notification, subject: Subject) -> str:
        return "assigned again" if subject.task.assigned_to_id == row.recipient_id else ""

    @classmethod
    def sentence(cls, row: Notification, subject: Subject) -> str:
        return f"{actor_of(row)} took the task “{subject.task.title}” off your list."

    @classmethod
    def reason(cls, row: Notification, subject: Subject) -> str:
        return "You get this because the task was assigned to you."


@register
class TaskUpdated(TaskKind):
    """Fields of the task changed."""

    name = "task_updated"
    label = "A task of mine changes"
    headline = "was changed"

    @classmethod
    def sentence(cls, row: Notification, subject: Subject) -> str:
        return f"{actor_of(row)} changed the task “{subject.task.title}”."


@register
class TaskStatusChanged(TaskKind):
    """The task's status changed, and nothing else."""

    name = "task_status_changed"
    label = "A task of mine changes its status"
    headline = "has a new status"

    @classmethod
    def headline_of(cls, row: Notification) -> str:
        return f"is now {_status(row).lower()}"

    @classmethod
    def sentence(cls, row: Notification, subject: Subject) -> str:
        return f"{actor_of(row)} set the task “{subject.task.title}” to “{_status(row)}”."


def facts(task: Task, zone: str) -> tuple[str, ...]:
    """Return what the reader should know of the task beside what happened."""
    lines = [f"Project: {task.project.name} · Priority: {Priority(task.priority).label}"]
    if task.due_date is not None:
        lines.append(f"Due: {local_time(task.due_date, zone)}")
    return tuple(lines)


def tasks_by_id(ids: Iterable[int | None]) -> dict[int, Task]:
    """Return the tasks with their projects, without their long texts."""
    wanted = sorted({pk for pk in ids if pk is not None})
    rows = _tasks().run({"ids": wanted}) if wanted else []
    projects: dict[tuple[Any, ...], Project] = {}  # many rows, few projects
    tasks = {}
    for row in rows:
        columns = row[len(TASK_COLUMNS) :]
        project = projects.get(columns) or projects.setdefault(columns, instance(Project, PROJECT_COLUMNS, columns))
        tasks[row[0]] = instance(Task, TASK_COLUMNS, row[: len(TASK_COLUMNS)], project=project)
    return tasks


# Without the long texts, which no words need
TASK_COLUMNS = (
    "id",
    "project_id",
    "number",
    "title",
    "status",
    "priority",
    "assigned_to_id",
    "created_by_id",
    "due_date",
    "archived_at",
)
PROJECT_COLUMNS = ("id", "key", "name", "archived_at")


@cache
def _tasks() -> Statement:
    columns = (*TASK_COLUMNS, *(f"project__{name}" for name in PROJECT_COLUMNS))
    return Statement(Task.objects.filter(AnyOf("pk", "ids")).values_list(*columns))


def roles_by_person(rows: Sequence[Notification], tasks: Iterable[Task]) -> dict[tuple[int | None, int], str]:
    """Return {(project id, recipient id): role} for the projects of `rows` and `tasks`."""
    projects = {row.project_id for row in rows if row.project_id} | {task.project_id for task in tasks}
    values = {"projects": sorted(projects), "people": sorted({row.recipient_id for row in rows})}
    return {(project, user): role for project, user, role in _memberships().run(values)}


@cache
def _memberships() -> Statement:
    rows = Membership.objects.filter(AnyOf("project_id", "projects"), AnyOf("user_id", "people"))
    return Statement(rows.values_list("project_id", "user_id", "role"))


def _status(row: Notification) -> str:
    return Status(row.data["changes"]["status"]["to"]).label

"""Tasks with many values and gaps, and a model in Python of what a filter finds among them."""

from __future__ import annotations

import operator
import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from apps.projects.models import Project
from apps.projects.tests.factories import MembershipFactory, ProjectFactory
from apps.tasks.filtering.days import Day, moment
from apps.tasks.filtering.nodes import NEGATED, AllOf, AnyOf, Flag, Node, Not, Value
from apps.tasks.filtering.reader import Reader
from apps.tasks.models import Priority, Status, Task
from apps.tasks.tests.factories import TaskFactory
from apps.users.models import User
from apps.users.tests.factories import UserFactory

COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq, "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge,
}  # fmt: skip
TITLES = ("Fix the login page", "fix THE LOGIN PAGE", "Überprüfe die Straße", "Plan", "login")
# Around both changes of clocks in Europe, one in New York, and midnights in Kathmandu and Cairo
INSTANTS = [
    datetime(2026, 3, 29, 0, 59, 59, tzinfo=UTC),
    datetime(2026, 3, 29, 22, 0, tzinfo=UTC),
    datetime(2026, 10, 24, 22, 0, tzinfo=UTC),
    datetime(2026, 10, 25, 22, 59, 59, 999_999, tzinfo=UTC),
    datetime(2026, 10, 25, 23, 0, tzinfo=UTC),
    datetime(2026, 3, 8, 5, 0, tzinfo=UTC),
    datetime(2026, 11, 1, 4, 59, 59, tzinfo=UTC),
    datetime(2026, 11, 27, 18, 15, tzinfo=UTC),
    datetime(2026, 11, 27, 18, 14, 59, 999_999, tzinfo=UTC),
    datetime(2026, 4, 23, 22, 0, tzinfo=UTC),
]


@dataclass(frozen=True)
class World:
    """A reader's tasks, and what is hidden from the reader."""

    reader: User
    other: User
    projects: list[Project]
    tasks: list[Task]
    hidden: Task


def build_world(*, seed: int = 7, count: int = 60) -> World:
    """Write tasks of two projects of a reader, one of them archived, and one that the reader does not see."""
    chance = random.Random(seed)
    reader, other = UserFactory(username="reader"), UserFactory(username="Other")
    projects = [ProjectFactory(owner=reader, key="WEB"), ProjectFactory(owner=reader, key="OPS")]
    for project in projects:
        MembershipFactory(project=project, user=other)
    Project.objects.filter(pk=projects[1].pk).update(archived_at=INSTANTS[0])
    pks = [_task(chance, projects, [reader, other, None]).pk for _ in range(count)]
    tasks = list(Task.objects.filter(pk__in=pks).select_related("project", "assigned_to", "created_by"))
    return World(reader, other, projects, tasks, TaskFactory(title=TITLES[0], project__key="WEB"))


def _task(chance: random.Random, projects: list[Project], people: list[User | None]) -> Task:
    def maybe(value: Any) -> Any:
        return value if chance.random() < 0.7 else None

    status = chance.choice(Status.values)
    task = TaskFactory(
        project=chance.choice(projects),
        title=chance.choice(TITLES),
        description=chance.choice(["", "about the login", "Straße"]),
        status=status,
        priority=chance.choice(Priority.values),
        assigned_to=chance.choice(people),
        created_by=chance.choice(people),
        due_date=maybe(chance.choice(INSTANTS)),
        duration=maybe(chance.choice([0, 30, 90])),
        completed_at=chance.choice(INSTANTS) if status == Status.DONE else None,
        archived_at=None if maybe(True) else chance.choice(INSTANTS),
        attachments_count=chance.choice([0, 2]),
        comments_count=chance.choice([0, 1]),
    )
    stamps = {"created_at": chance.choice(INSTANTS), "updated_at": chance.choice(INSTANTS)}
    Task.objects.filter(pk=task.pk).update(**stamps)
    return task


def holds(node: Node | None, task: Task, reader: Reader) -> bool:
    """Return whether a filter finds a task: two-valued logic, days in the reader's zone (contract FI1, FI2)."""
    match node:
        case None:
            return True
        case AllOf(items):
            return all(holds(item, task, reader) for item in items)
        case AnyOf(items):
            return any(holds(item, task, reader) for item in items)
        case Not(item):
            return not holds(item, task, reader)
        case Flag(name):
            return flags(name, task)
    positive = NEGATED.get(node.operator, node.operator)
    found = matches(node.name, positive, node.values, task, reader)
    return found if positive == node.operator else not found


def flags(name: str, task: Task) -> bool:
    """Return whether a task has a flag; what is overdue is decided by the database's clock."""
    match name:
        case "overdue":
            return task.is_open and task.due_date is not None and task.due_date < datetime.now(UTC)
        case "archived":
            return task.archived_at is not None or task.project.archived_at is not None
        case "has_files":
            return task.attachments_count > 0
    return task.comments_count > 0


def matches(name: str, operation: str, values: tuple[Value, ...], task: Task, reader: Reader) -> bool:
    """Return whether a task's value compares so with the values of a test without negation."""
    columns = {"due": "due_date", "created": "created_at", "updated": "updated_at", "completed": "completed_at"}
    if name in columns:
        return in_time(getattr(task, columns[name]), operation, values, reader)
    if name in ("title", "text"):
        return says(task, name, operation, values[0].content)
    own = own_value(name, task)
    if operation == "empty":
        return own is None
    if own is None:
        return False
    given = [rank_of(name, value.content) if value.kind != "me" else reader.user.pk for value in values]
    if operation == "in":
        return own in given
    return COMPARE[operation](own, given[0])


def own_value(name: str, task: Task) -> Any:
    """Return the value of a task that a field compares."""
    match name:
        case "assignee":
            return task.assigned_to_id
        case "creator":
            return task.created_by_id
        case "project":
            return task.project.key
        case "key":
            return task.key
        case "duration":
            return task.duration
    return rank_of(name, getattr(task, name))


def rank_of(name: str, content: Any) -> Any:
    """Return a value as it is compared: the place of a word in its enum, the id of a username, a key in capitals."""
    match name:
        case "status":
            return Status.values.index(content)
        case "priority":
            return Priority.values.index(content)
        case "assignee" | "creator":
            return User.objects.get(username__iexact=content).pk if isinstance(content, str) else content
        case "project" | "key":
            return content.upper()
    return content


def in_time(own: datetime | None, operation: str, values: tuple[Value, ...], reader: Reader) -> bool:
    """Return whether an instant compares so with a local day or an instant."""
    if operation == "empty" or own is None:
        return operation == "empty" and own is None
    given = moment(values[0], zone=reader.zone, now=reader.now)
    if isinstance(given, Day):
        return COMPARE[operation](own.astimezone(reader.zone).date(), given.day)
    return COMPARE[operation](own, given)


def says(task: Task, name: str, operation: str, wanted: str) -> bool:
    """Return whether a text has the words wanted: whole ones, the last one as a prefix."""
    form = " ".join([task.title] + [task.description] * (name == "text")).casefold()
    if operation == "=":
        return task.title.casefold() == wanted.casefold()
    *whole, last = wanted.casefold().split()
    words = form.split()
    return all(word in words for word in whole) and any(word.startswith(last) for word in words)

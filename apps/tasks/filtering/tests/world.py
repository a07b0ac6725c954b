"""Tasks with many values and gaps, and a model in Python of what a filter finds among them."""

from __future__ import annotations

import operator
import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from apps.projects.models import Project
from apps.projects.tests.factories import MembershipFactory, ProjectFactory
from apps.tasks.filtering.days import Day, moment
from apps.tasks.filtering.nodes import NEGATED, AllOf, AnyOf, Flag, Node, Not, Value
from apps.tasks.filtering.reader import Reader
from apps.tasks.models import Label, Priority, Relation, Status, Task, TaskLabel, Watch
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
    _relate(chance, projects, pks, [reader, other])
    tasks = list(Task.objects.filter(pk__in=pks).select_related("project"))
    for task in tasks:
        task.levels = dict(Watch.objects.filter(task=task).values_list("user", "level"))
        task.names = {row.label.name.casefold() for row in TaskLabel.objects.filter(task=task).select_related("label")}
        task.blocks = list(Relation.objects.filter(from_task=task).select_related("to_task__project"))
        task.blocked_by = list(Relation.objects.filter(to_task=task).select_related("from_task__project"))
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
    if task.due_date is not None and chance.random() < 0.4:
        Task.objects.filter(pk=task.pk).update(due_on=task.due_date.date() + timedelta(days=chance.choice([0, 1])))
    stamps = {"created_at": chance.choice(INSTANTS), "updated_at": chance.choice(INSTANTS)}
    Task.objects.filter(pk=task.pk).update(**stamps)
    return task


def _relate(chance: random.Random, projects: list[Project], pks: list[int], people: list[User]) -> None:
    """Label tasks, put some below others, let some block others, and let people choose to watch or not."""
    labels = {
        project.pk: [Label.objects.create(project=project, name=name, color="#112233") for name in names]
        for project, names in zip(projects, [("bug", "Später"), ("BUG", "docs")], strict=True)
    }
    tasks = list(Task.objects.filter(pk__in=pks).order_by("pk"))
    for position, task in enumerate(tasks):
        for label in labels[task.project_id]:
            if chance.random() < 0.4:
                TaskLabel.objects.create(task=task, label=label, project_id=task.project_id)
        above = [each for each in tasks[:position] if each.project_id == task.project_id]
        if above and chance.random() < 0.5:
            Task.objects.filter(pk=task.pk).update(parent=chance.choice(above))
        if position and chance.random() < 0.3:
            blocked = chance.choice(tasks[:position])
            Relation.objects.create(
                kind="blocks", from_task=task, from_project_id=task.project_id,
                to_task=blocked, to_project_id=blocked.project_id,
            )  # fmt: skip
        for person in people:
            if chance.random() < 0.3:
                level = chance.choice(["all", "none", "muted"])
                Watch.objects.create(user=person, project_id=task.project_id, task=task, level=level, reason="self")
    Watch.objects.create(user=people[0], project=projects[1], level="all", reason="self")


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
            return flags(name, task, reader)
    positive = NEGATED.get(node.operator, node.operator)
    found = matches(node.name, positive, node.values, task, reader)
    return found if positive == node.operator else not found


def flags(name: str, task: Task, reader: Reader) -> bool:
    """Return whether a task has a flag; what is overdue is decided by the database's clock."""
    match name:
        case "overdue":
            return task.is_open and task.due_date is not None and task.due_date < datetime.now(UTC)
        case "blocked":
            return is_open(task) and any(is_open(each.from_task) for each in task.blocked_by)
        case "blocking":
            return is_open(task) and any(is_open(each.to_task) for each in task.blocks)
        case "watching":
            level = task.levels.get(reader.user.pk)
            of_project = Watch.objects.of_projects().filter(project=task.project_id, user=reader.user, level="all")
            return watches(task, reader.user.pk) or (level is None and of_project.exists())
        case "root":
            return task.parent_id is None
        case "archived":
            return task.archived_at is not None or task.project.archived_at is not None
        case "has_files":
            return task.attachments_count > 0
    return task.comments_count > 0


def matches(name: str, operation: str, values: tuple[Value, ...], task: Task, reader: Reader) -> bool:
    """Return whether a task's value compares so with the values of a test without negation."""
    columns = {"due": "due_date", "created": "created_at", "updated": "updated_at", "completed": "completed_at"}
    if name in columns:
        day = task.due_on if name == "due" else None
        return in_time(getattr(task, columns[name]), day, operation, values, reader)
    if name in ("title", "text"):
        return says(task, name, operation, values[0].content)
    if name in ("label", "subtree", "watcher"):
        return in_set(name, operation, values, task, reader)
    own = own_value(name, task)
    if operation == "empty":
        return own is None
    if own is None:
        return False
    given = [rank_of(name, value.content) if value.kind != "me" else reader.user.pk for value in values]
    if operation == "in":
        return own in given
    return COMPARE[operation](own, given[0])


def in_set(name: str, operation: str, values: tuple[Value, ...], task: Task, reader: Reader) -> bool:
    """Return whether what a task has several of is among the values."""
    if name == "label":
        given = [value.content.casefold() for value in values]
        if operation == "empty":
            return not task.names
        return (all if operation == "all" else any)(each in task.names for each in given)
    if name == "watcher":
        return any(watches(task, reader.user.pk if value.kind == "me" else rank_of("creator", value.content))
                   for value in values)  # fmt: skip
    above, wanted = task.parent, values[0].content.upper()
    while above is not None and above.key != wanted:
        above = above.parent
    return above is not None


def watches(task: Task, person: int) -> bool:
    """Return whether the list of the task's watchers has a member."""
    level = task.levels.get(person)
    return level == "all" or (level is None and person in (task.created_by_id, task.assigned_to_id))


def is_open(task: Task) -> bool:
    """Return whether a task is neither done nor archived, itself or with its project."""
    return task.is_open and task.project.archived_at is None


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
        case "parent":
            return task.parent.key if task.parent else None
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
        case "project" | "key" | "parent":
            return content.upper()
    return content


def in_time(own: datetime | None, day: date | None, operation: str, values: tuple[Value, ...], reader: Reader) -> bool:
    """Return whether an instant, with the whole day that it ends if there is one, compares so with a day or instant."""
    if operation == "empty" or own is None:
        return operation == "empty" and own is None
    given = moment(values[0], zone=reader.zone, now=reader.now)
    if isinstance(given, Day):
        return COMPARE[operation](day or own.astimezone(reader.zone).date(), given.day)
    return COMPARE[operation](own, given)


def says(task: Task, name: str, operation: str, wanted: str) -> bool:
    """Return whether a text has the words wanted: whole ones, the last one as a prefix."""
    form = " ".join([task.title] + [task.description] * (name == "text")).casefold()
    if operation == "=":
        return task.title.casefold() == wanted.casefold()
    *whole, last = wanted.casefold().split()
    words = form.split()
    return all(word in words for word in whole) and any(word.startswith(last) for word in words)

"""Bulk-load the task data that notifications render, for readers who may see it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from functools import cache
from typing import Any, NamedTuple

from django.db.models import QuerySet
from django.db.models.functions import Left

from apps.common.origin import is_narrowed, is_out_of_reach
from apps.common.sql.beside import OfPage
from apps.common.sql.statements import AnyOf, AnyPairOf, Statement, bound, prepared
from apps.notifications.models import NOT_READ
from apps.projects.models import Membership
from apps.tasks.models import Comment, Task, WatchLevel, task_key

Pair = tuple[int, int]  # a task's or a project's id, and a person's


class TaskForReader(NamedTuple):
    """A task with its project, and the role there of who looks at it."""

    task_id: int
    reader_id: int
    role: str
    project_id: int
    project_key: str
    project_name: str
    project_archived_at: datetime | None
    number: int
    title: str
    status: str
    priority: str
    assigned_to_id: int | None
    created_by_id: int
    due_date: datetime | None
    due_on: date | None
    archived_at: datetime | None
    # Not of the task itself: see `with_texts` and `with_levels`
    text: str = ""
    task_level: str | None = None
    project_level: str | None = None

    @property
    def key(self) -> str:
        """Return the name people use, such as `WEB-12`."""
        return task_key(self.project_key, self.number)

    @property
    def is_theirs(self) -> bool:
        """Return whether the reader has or created the task."""
        return self.reader_id in (self.assigned_to_id, self.created_by_id)

    @property
    def is_muted(self) -> bool:
        """Return whether the reader wants to hear of assignments alone; needs the levels."""
        return (self.task_level or self.project_level) == WatchLevel.MUTED

    @property
    def is_watched(self) -> bool:
        """Return whether the reader watches the task (contract WA5); needs the levels."""
        if self.task_level is not None:
            return self.task_level == WatchLevel.ALL
        return self.is_theirs or self.project_level == WatchLevel.ALL


NOT_LOADED = tuple(TaskForReader._field_defaults.values())
# Where the fields come from that are no columns of the task by the same name
ELSEWHERE = {
    "task_id": "pk",
    "reader_id": "project__memberships__user_id",
    "role": "project__memberships__role",
    "project_key": "project__key",
    "project_name": "project__name",
    "project_archived_at": "project__archived_at",
}
COLUMNS = [ELSEWHERE.get(name, name) for name in TaskForReader._fields if name not in TaskForReader._field_defaults]
TEXT_LENGTH = 300  # characters of a comment or description that a notification shows
LEVELS = """
SELECT DISTINCT pair.task_id, pair.user_id, own.level, general.level
FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[]) AS pair (task_id, user_id, project_id)
LEFT JOIN tasks_watch own ON own.user_id = pair.user_id AND own.task_id = pair.task_id
LEFT JOIN tasks_watch general
    ON general.user_id = pair.user_id AND general.project_id = pair.project_id AND general.task_id IS NULL
WHERE own.id IS NOT NULL OR general.id IS NOT NULL
"""


def tasks_for_readers(pairs: Iterable[Pair]) -> dict[Pair, TaskForReader]:
    """Return {(task id, person id): task} in one query; no entry for who is no member of the task's project."""
    tasks, people = _sides(pairs)
    rows = _tasks_statement().run({"tasks": tasks, "people": people}) if tasks else []
    seen = (TaskForReader._make((*row, *NOT_LOADED)) for row in rows)
    return {task[:2]: task for task in seen if not is_out_of_reach(task.project_id, task.reader_id)}


def tasks_of_rows(rows: Sequence[Any]) -> dict[int, TaskForReader]:
    """Return {row id: task} of rows of the outbox that are about a task which their recipient may see.

    What lists have read with their rows is taken from there, anything else is read in one query.
    """
    if rows and rows[0].subject is not NOT_READ:
        found = {row.id: TaskForReader(*row.subject) for row in rows if row.subject is not None}
    else:
        seen = tasks_for_readers((row.task_id, row.reader_id) for row in rows if row.task_id is not None)
        pairs = ((row.id, seen.get((row.task_id or 0, row.reader_id))) for row in rows)
        return {pk: task for pk, task in pairs if task is not None}
    if is_narrowed():
        return {pk: task for pk, task in found.items() if not is_out_of_reach(task.project_id, task.reader_id)}
    return found


def task_rows() -> QuerySet[Any, Any]:
    """Return the task of each row of a page of the outbox as its recipient sees it."""
    seen = Task.objects.kept().filter(pk=OfPage("task_id"), project__memberships__user=OfPage("recipient_id"))
    return seen.values_list(*COLUMNS)


def with_levels(seen: Mapping[int, TaskForReader]) -> dict[int, TaskForReader]:
    """Return the tasks with what their readers chose to hear of them and of their projects, in one query."""
    tasks = list(seen.values())
    columns = [[getattr(task, name) for task in tasks] for name in ("task_id", "reader_id", "project_id")]
    rows = prepared(LEVELS, [bound(column) for column in columns])[0] if tasks else []
    levels = {row[:2]: row[2:] for row in rows}
    return {
        key: task._replace(task_level=found[0], project_level=found[1])
        if (found := levels.get((task.task_id, task.reader_id)))
        else task
        for key, task in seen.items()
    }


def with_texts(seen: Mapping[int, TaskForReader], comments: Mapping[int, int | None]) -> dict[int, TaskForReader]:
    """Return the tasks with the beginning of a comment, or of their description, as it is now; in two queries at most.

    `comments` maps the keys of `seen` that need a text to a comment's id, None for the description. What is about a
    comment that was deleted is left out.
    """
    ids = {pk for pk in comments.values() if pk is not None}
    described = {seen[key].task_id for key, pk in comments.items() if pk is None}
    texts = dict(_comment_texts().run({"ids": list(ids)})) if ids else {}
    descriptions = dict(_descriptions().run({"ids": list(described)})) if described else {}
    found = {}
    for key, task in seen.items():
        if key not in comments:
            found[key] = task
        elif (pk := comments[key]) is None:
            found[key] = task._replace(text=descriptions.get(task.task_id, ""))
        elif pk in texts:
            found[key] = task._replace(text=texts[pk])
    return found


@cache
def _comment_texts() -> Statement:
    kept = Comment.objects.filter(AnyOf("pk", "ids"), deleted_at=None)
    return Statement(kept.values_list("pk", Left("body", TEXT_LENGTH)))


@cache
def _descriptions() -> Statement:
    return Statement(Task.objects.filter(AnyOf("pk", "ids")).values_list("pk", Left("description", TEXT_LENGTH)))


def members_among(pairs: Iterable[Pair]) -> set[Pair]:
    """Return those (project id, person id) that are memberships, in one query, without one for no pairs."""
    projects, people = _sides(pairs)
    found = _members().run({"projects": projects, "people": people}) if projects else []
    return {(project, person) for project, person in found if not is_out_of_reach(project, person)}


def _sides(pairs: Iterable[Pair]) -> tuple[list[int], list[int]]:
    wanted = sorted(set(pairs))
    return [first for first, _ in wanted], [second for _, second in wanted]


@cache
def _tasks_statement() -> Statement:
    wanted = AnyPairOf(("pk", "tasks"), ("project__memberships__user_id", "people"))
    return Statement(Task.objects.kept().filter(wanted).values_list(*COLUMNS))


@cache
def _members() -> Statement:
    wanted = AnyPairOf(("project_id", "projects"), ("user_id", "people"))
    return Statement(Membership.objects.filter(wanted).values_list("project_id", "user_id"))

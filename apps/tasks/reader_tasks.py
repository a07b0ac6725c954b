"""Bulk-load the task data that notifications render, for readers who may see it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from functools import cache
from typing import NamedTuple

from apps.common.sql.statements import AnyPairOf, Statement
from apps.projects.models import Membership
from apps.tasks.models import Task, task_key

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
    archived_at: datetime | None

    @property
    def key(self) -> str:
        """Return the name people use, such as `WEB-12`."""
        return task_key(self.project_key, self.number)


# Where the fields come from that are no columns of the task by the same name
ELSEWHERE = {
    "task_id": "pk",
    "reader_id": "project__memberships__user_id",
    "role": "project__memberships__role",
    "project_key": "project__key",
    "project_name": "project__name",
    "project_archived_at": "project__archived_at",
}


def tasks_for_readers(pairs: Iterable[Pair]) -> dict[Pair, TaskForReader]:
    """Return {(task id, person id): task} in one query; no entry for who is no member of the task's project."""
    tasks, people = _sides(pairs)
    rows = _tasks_statement().run({"tasks": tasks, "people": people}) if tasks else []
    return {row[:2]: TaskForReader._make(row) for row in rows}


def members_among(pairs: Iterable[Pair]) -> set[Pair]:
    """Return those (project id, person id) that are memberships, in one query, without one for no pairs."""
    projects, people = _sides(pairs)
    return set(_members().run({"projects": projects, "people": people})) if projects else set()


def _sides(pairs: Iterable[Pair]) -> tuple[list[int], list[int]]:
    wanted = sorted(set(pairs))
    return [first for first, _ in wanted], [second for _, second in wanted]


@cache
def _tasks_statement() -> Statement:
    wanted = AnyPairOf(("pk", "tasks"), ("project__memberships__user_id", "people"))
    columns = (ELSEWHERE.get(name, name) for name in TaskForReader._fields)
    return Statement(Task.objects.kept().filter(wanted).values_list(*columns))


@cache
def _members() -> Statement:
    wanted = AnyPairOf(("project_id", "projects"), ("user_id", "people"))
    return Statement(Membership.objects.filter(wanted).values_list("project_id", "user_id"))

"""What each kept number counts, and where one differs from what is there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django.db import connection

from apps.projects.models import Project
from apps.tasks.models import Task

BATCH = 50  # projects per statement

# Each counts in one statement, and so from one snapshot: a write that commits meanwhile is no difference.
PROJECTS = """
SELECT project.id, project.id AS project_id,
    tasks.total AS tasks_count, tasks.open AS open_tasks_count, members.total AS members_count,
    files.bytes AS attachment_bytes
FROM projects_project project
CROSS JOIN LATERAL (
    SELECT count(*) AS total, count(*) FILTER (WHERE status <> 'done' AND archived_at IS NULL) AS open
    FROM tasks_task WHERE project_id = project.id AND trash_id IS NULL
) tasks
CROSS JOIN LATERAL (SELECT count(*) AS total FROM projects_membership WHERE project_id = project.id) members
CROSS JOIN LATERAL (
    SELECT coalesce(sum(size), 0)::bigint AS bytes
    FROM tasks_attachment WHERE project_id = project.id AND state = 'ready'
) files
WHERE project.id = ANY(%(projects)s)
"""
TASKS = """
SELECT task.id, task.project_id,
    coalesce(children.total, 0) AS subtasks_total, coalesce(children.done, 0) AS subtasks_done,
    coalesce(comments.total, 0) AS comments_count, coalesce(files.total, 0) AS attachments_count
FROM tasks_task task
LEFT JOIN (
    SELECT parent_id, count(*) AS total, count(*) FILTER (WHERE status = 'done') AS done FROM tasks_task
    WHERE project_id = ANY(%(projects)s) AND parent_id IS NOT NULL AND trash_id IS NULL AND archived_at IS NULL
    GROUP BY parent_id
) children ON children.parent_id = task.id
LEFT JOIN (
    SELECT task_id, count(*) AS total FROM tasks_comment
    WHERE project_id = ANY(%(projects)s) AND deleted_at IS NULL GROUP BY task_id
) comments ON comments.task_id = task.id
LEFT JOIN (
    SELECT task_id, count(*) AS total FROM tasks_attachment
    WHERE project_id = ANY(%(projects)s) AND state = 'ready' GROUP BY task_id
) files ON files.task_id = task.id
WHERE task.project_id = ANY(%(projects)s)
"""


@dataclass(frozen=True)
class Kept:
    """A table with kept numbers, and the statement that counts them anew, by `id`."""

    table: str
    noun: str
    counters: tuple[str, ...]
    count: str

    @property
    def differing(self) -> str:
        """Return the SELECT of (id, project, kept numbers, found numbers) where any differ."""
        kept, found = (", ".join(f"{source}.{name}" for name in self.counters) for source in ("kept", "found"))
        return (
            f"SELECT kept.id, found.project_id, {kept}, {found} FROM {self.table} kept "  # noqa: S608
            f"JOIN ({self.count}) found ON found.id = kept.id "
            f"WHERE ({kept}) IS DISTINCT FROM ({found}) ORDER BY kept.id"
        )

    @property
    def setting(self) -> str:
        """Return the UPDATE that sets them to what was found."""
        found = ", ".join(f"found.{name}" for name in self.counters)
        columns = ", ".join(self.counters)
        return (
            f"UPDATE {self.table} kept SET ({columns}) = ROW({found}) FROM ({self.count}) found "  # noqa: S608
            f"WHERE kept.id = found.id AND ({', '.join(f'kept.{name}' for name in self.counters)}) "
            f"IS DISTINCT FROM ({found})"
        )


KEPT = (
    Kept(
        Project._meta.db_table,
        "project",
        ("tasks_count", "open_tasks_count", "members_count", "attachment_bytes"),
        PROJECTS,
    ),
    Kept(
        Task._meta.db_table,
        "task",
        ("subtasks_total", "subtasks_done", "comments_count", "attachments_count"),
        TASKS,
    ),
)


@dataclass(frozen=True)
class Difference:
    """A number that is not what it counts, on the row of a `noun` with this id, in a project."""

    noun: str
    pk: int
    project_id: int
    counter: str
    kept: int
    found: int

    def __str__(self) -> str:
        return f"{self.noun} {self.pk}: {self.counter} is {self.kept}, counted {self.found}"


def differences(project_ids: Iterable[int]) -> Iterator[Difference]:
    """Yield every kept number of these projects, and of their tasks, that differs. Takes no locks."""
    for ids in _batches(project_ids):
        for kept in KEPT:
            for pk, project_id, *numbers in run(kept.differing, ids):
                width = len(kept.counters)
                for counter, is_now, found in zip(kept.counters, numbers[:width], numbers[width:], strict=True):
                    if is_now != found:
                        yield Difference(kept.noun, pk, project_id, counter, is_now, found)


def _batches(ids: Iterable[int]) -> Iterator[list[int]]:
    batch: list[int] = []
    for each in ids:
        batch.append(each)
        if len(batch) == BATCH:
            yield batch
            batch = []
    if batch:
        yield batch


def run(statement: str, projects: list[int]) -> list[tuple[int, ...]]:
    """Execute one of the statements of `KEPT` for these projects; return its rows."""
    with connection.cursor() as cursor:
        cursor.execute(statement, {"projects": projects})
        return cursor.fetchall() if cursor.description else []

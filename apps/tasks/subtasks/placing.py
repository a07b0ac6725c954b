"""Where a task may stand: under which parent, how deep, beside how many (contract ST1 to ST7)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from django.db.models import QuerySet

from apps.common.errors import ConflictError, ValidationError
from apps.common.sql.statements import AnyOf, Statement, bound, instance, prepared
from apps.common.transactions import start_again
from apps.projects.models import Project
from apps.tasks.graph import lock_graph, require_no_cycle
from apps.tasks.locking import Authority, LockedTask
from apps.tasks.models import Task
from apps.tasks.subtasks.tree import MAX_DEPTH, Below, height_of, nodes_below

PARENT = ("id", "number", "project_id", "status", "archived_at", "trash_id")  # what is read of a parent
MAX_CHILDREN = 1_000  # direct ones outside the trash; contract ST5
# How deep a task stands, and how many children it has. A walk up ends at a root, or where a circle would begin.
MEASURES = f"""
WITH RECURSIVE up (parent_id, depth) AS (
    SELECT parent_id, 0 FROM tasks_task WHERE id = %(parent)s
    UNION ALL
    SELECT task.parent_id, up.depth + 1 FROM up JOIN tasks_task task ON task.id = up.parent_id
    WHERE up.depth <= {MAX_DEPTH}
)
SELECT max(depth), (SELECT count(*) FROM tasks_task WHERE parent_id = %(parent)s AND trash_id IS NULL) FROM up
"""  # noqa: S608 - a number of ours


def lock_graph_for(task: Task, changes: Mapping[str, Any]) -> None:
    """Take the graph lock, before all others, when `changes` may give an existing task another parent (ST6)."""
    if changes.get("parent") not in (None, task.parent_id):
        lock_graph()


def find_parent(locked: LockedTask, wanted: Mapping[str, Any], *, authority: Authority, known: Task) -> Task | None:
    """Return the parent that `wanted` gives the locked task, if it gives it one.

    `known` is the task as the caller read it, which decided on the graph lock: when its parent has changed since, the
    write starts again. Raises ValidationError at /parent.
    """
    if wanted.get("parent") is None:
        return None
    if wanted["parent"] == known.parent_id != locked.task.parent_id:
        known.parent_id = locked.task.parent_id  # what the next run decides by
        start_again()
        lock_graph()
    return parent_in(locked.destination.project, wanted["parent"], authority=authority)


def parent_in(project: Project, parent_id: int, *, authority: Authority, is_followed: bool = False) -> Task:
    """Return the task that a body names as `parent`, which must stand in the locked project (ST1).

    `is_followed` says that the project is the one where the parent was seen before the lock: when it has moved
    meanwhile, the write starts again. Raises ValidationError at /parent: `does_not_exist` when the actor does not see
    it, `other_project`.
    """
    parent = visible_parents(authority).filter(pk=parent_id).defer("description", "metadata").first()
    if parent is None:
        raise unknown_parent()
    if parent.project_id != project.pk:
        if is_followed:
            start_again()
        raise ValidationError.at("/parent", "other_project", "A parent must be in the same project as its sub-tasks.")
    parent.project = project
    return parent


def project_of_parent(authority: Authority, parent_id: int) -> int:
    """Return the id of the project that a new task gets from its `parent` (ST2); ValidationError at /parent."""
    found = visible_parents(authority).filter(pk=parent_id).values_list("project_id", flat=True).first()
    if found is None:
        raise unknown_parent()
    return found


def visible_parents(authority: Authority) -> QuerySet[Task]:
    """Return the tasks that the actor can name."""
    return Task.objects.kept() if authority.as_administrator else Task.objects.visible_to(authority.user)


def unknown_parent() -> ValidationError:
    """Return the answer to a `parent` that is absent, in the trash or not visible to the caller."""
    return ValidationError.at("/parent", "does_not_exist", "There is no such task.")


def require_place(parent: Task, *, authority: Authority, task: Task | None = None) -> None:
    """Raise ConflictError unless `task` (None: a new one), with all that is below it, fits under `parent`.

    `cycle`, `graph_too_large`, `parent_archived`, `too_deep` or `too_many_subtasks` (ST3 to ST7). For an existing
    task the caller holds the graph lock.
    """
    if task is not None:
        require_no_cycle(authority, source=task.pk, target=parent.pk)
    require_active_parent(parent)
    height = 0 if task is None else height_of(nodes_below(task.pk, Below.KEPT))
    depth, children = measures(parent.pk)
    if depth + 1 + height > MAX_DEPTH:
        raise ConflictError(
            f"A task can be at most {MAX_DEPTH} levels below its root.", code="too_deep", extra={"limit": MAX_DEPTH}
        )
    if children >= MAX_CHILDREN:
        raise too_many_subtasks(MAX_CHILDREN, f"A task has at most {MAX_CHILDREN} sub-tasks.")


def measures(parent_id: int) -> tuple[int, int]:
    """Return how many levels a task stands below its root, and how many children it has outside the trash."""
    [(depth, children)], _ = prepared(MEASURES, {"parent": bound(parent_id)})
    return depth, children


def require_active_parent(parent: Task | None) -> None:
    """Raise ConflictError `parent_archived` when a task would be active under an archived one (ST7)."""
    if parent is not None and parent.is_archived:
        raise ConflictError("The parent is archived; unarchive it first.", code="parent_archived")


def too_many_subtasks(limit: int, detail: str) -> ConflictError:
    """Return the rejection of a tree with more tasks than `limit`."""
    return ConflictError(detail, code="too_many_subtasks", extra={"limit": limit})


def parent_of(task: Task) -> Task | None:
    """Return the parent of a locked task with its number and state, or None."""
    return parents_of([task]).get(task.parent_id or 0)


def parents_of(tasks: Sequence[Task]) -> dict[int, Task]:
    """Return the parents of locked tasks with their number and state, by their ids."""
    projects = {task.parent_id: task.project for task in tasks if task.parent_id is not None}
    if not projects:
        return {}
    rows = _parents().run({"ids": list(projects)})
    return {row[0]: instance(Task, PARENT, row, project=projects[row[0]]) for row in rows}


@cache
def _parents() -> Statement:
    return Statement(Task.objects.filter(AnyOf("id", "ids")).values_list(*PARENT))


def detach_if_unplaceable(root: Task) -> bool:
    """Make the locked root of a trash entry a root when its parent cannot have it any more; return whether (TR9)."""
    parent = parent_of(root)
    if parent is None:
        return False
    height = height_of(nodes_below(root.pk, Below.TRASHED_ALONG))
    depth, children = measures(parent.pk)
    fits = depth + 1 + height <= MAX_DEPTH and children < MAX_CHILDREN
    if fits and parent.trash_id is None and not parent.is_archived:
        return False
    Task.objects.filter(pk=root.pk).update(parent=None)
    root.parent_id = None
    return True


def reference_to(task: Task | None) -> dict[str, Any] | None:
    """Return a task as events name it (contract E6)."""
    return None if task is None else {"id": task.pk, "key": task.key}

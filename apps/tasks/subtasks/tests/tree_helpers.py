"""Trees of tasks for tests."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random
from typing import Any

from apps.projects.models import Activity, Project
from apps.tasks.models import Task
from apps.tasks.tests.factories import TaskFactory


def url(task: Task, *rest: str) -> str:
    """Return the path of a task, or of something below it."""
    return "/".join([f"/api/tasks/{task.pk}", *rest, ""])


def chain(project: Project, length: int, **fields: Any) -> list[Task]:
    """Make a root, its child, the child's child and so on."""
    tasks: list[Task] = []
    for _ in range(length):
        tasks.append(TaskFactory(project=project, parent=tasks[-1] if tasks else None, **fields))
    return tasks


def random_tree(project: Project, random: Random, *, count: int = 20) -> list[Task]:
    """Make `count` tasks in one tree, at most five levels deep; the root is the first."""
    depths = {TaskFactory(project=project): 0}
    while len(depths) < count:
        parent = random.choice([task for task, depth in depths.items() if depth < 5])
        depths[TaskFactory(project=project, parent=parent)] = depths[parent] + 1
    return list(depths)


def tree_of(tasks: Any) -> dict[int, tuple[Any, ...]]:
    """Return {id: what a cascade may change} of the tasks as they are now."""
    columns = ("parent_id", "status", "archived_at", "trash_id", "subtasks_total", "subtasks_done", "project_id")
    found = Task.objects.filter(pk__in=[task.pk for task in tasks])
    return {pk: tuple(values) for pk, *values in found.values_list("pk", *columns)}


def assert_counted() -> None:
    """Compare the kept counts of all tasks and projects with their rows."""
    for task in Task.objects.all():
        children = Task.objects.filter(parent=task, trash=None, archived_at=None)
        found = (children.count(), children.filter(status="done").count())
        assert (task.subtasks_total, task.subtasks_done) == found, task.key
    for project in Project.objects.all():
        kept = Task.objects.filter(project=project, trash=None)
        found = (kept.count(), kept.filter(archived_at=None).exclude(status="done").count())
        assert (project.tasks_count, project.open_tasks_count) == found, project.key


def events_of(batch_id: Any) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Yield (type, key, changes) of the events of a batch, in their order."""
    for event in Activity.objects.filter(batch_id=batch_id).order_by("project_id", "seq"):
        yield event.type, event.task_key, event.changes

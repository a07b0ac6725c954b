"""What the tests of relations have in common."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from apps.projects.models import Activity, Project
from apps.tasks.models import Relation, Task
from apps.tasks.relations.services import create_relation
from apps.users.models import User


def url(task: Task, relation: Relation | int | None = None) -> str:
    """Return the path of a task's relations, or of one."""
    path = f"/api/tasks/{task.pk}/relations/"
    if relation is None:
        return path
    return f"{path}{relation.pk if isinstance(relation, Relation) else relation}/"


def relate(task: Task, kind: str, other: Task, *, actor: User | None = None) -> Relation:
    """Relate two tasks through the service, as the owner of the first one's project unless `actor` does."""
    return create_relation(actor=actor or task.project.owner, task=task, kind=kind, other=other.pk).relation


def listed(client: Any, task: Task, query: str = "") -> list[dict[str, Any]]:
    """Return the relations that a person's client is shown of the task."""
    response = client.get(url(task) + query)
    assert response.status_code == 200, response.content
    rows: list[dict[str, Any]] = response.json()["results"]
    return rows


def events(project: Project) -> list[tuple[str, int, dict[str, Any]]]:
    """Return (type, task's id, changes) of the project's events about relations, oldest first."""
    about = Activity.objects.filter(project=project, object_type="relation").order_by("seq")
    return list(about.values_list("type", "task_id", "changes"))


def archive(row: Task | Project) -> None:
    """Archive a task or a project, in its row alone."""
    type(row)._default_manager.filter(pk=row.pk).update(archived_at=timezone.now())


def finish(task: Task) -> None:
    """Set a task to done, in its row alone."""
    Task.objects.filter(pk=task.pk).update(status="done", completed_at=timezone.now())


def trash_project(project: Project) -> None:
    """Put a project into the trash through the service."""
    from apps.projects.services import delete_project

    delete_project(actor=project.owner, project_id=project.pk)

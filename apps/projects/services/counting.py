"""The numbers kept on a project's locked row; they do not raise its version."""

from __future__ import annotations

from django.db.models import F

from apps.projects.models import Project


def take_in_task(project: Project, *, is_open: bool) -> int:
    """Count a task that comes into the locked project, and return the number it gets there.

    The number is taken in the transaction: a creation that fails gives it back, one that commits
    uses it for good.
    """
    project.last_task_number += 1
    project.tasks_count += 1
    project.open_tasks_count += is_open
    project.save(update_fields=["last_task_number", "tasks_count", "open_tasks_count"])
    return project.last_task_number


def adjust_counts(project: Project, *, tasks: int = 0, open_tasks: int = 0, members: int = 0) -> None:
    """Add to the counts of the locked project; negative numbers take away."""
    steps = {"tasks_count": tasks, "open_tasks_count": open_tasks, "members_count": members}
    steps = {name: step for name, step in steps.items() if step}
    if not steps:
        return
    Project.objects.filter(pk=project.pk).update(**{name: F(name) + step for name, step in steps.items()})
    for name, step in steps.items():
        setattr(project, name, getattr(project, name) + step)

"""The numbers kept on a project's locked row; they do not raise its version."""

from __future__ import annotations

from django.db.models import F

from apps.projects.models import Project


def adjust_counts(project: Project, *, tasks: int = 0, open_tasks: int = 0, members: int = 0) -> None:
    """Add to the counts of the locked project; negative numbers take away."""
    steps = {"tasks_count": tasks, "open_tasks_count": open_tasks, "members_count": members}
    steps = {name: step for name, step in steps.items() if step}
    if not steps:
        return
    Project.objects.filter(pk=project.pk).update(**{name: F(name) + step for name, step in steps.items()})
    for name, step in steps.items():
        setattr(project, name, getattr(project, name) + step)

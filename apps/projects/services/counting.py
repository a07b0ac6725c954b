"""The numbers kept on a project's locked row; they do not raise its version."""

from __future__ import annotations

from apps.common.sql.statements import bound, prepared
from apps.projects.models import Project

ADJUST = """
UPDATE projects_project SET tasks_count = tasks_count + %(tasks_count)s,
    open_tasks_count = open_tasks_count + %(open_tasks_count)s, members_count = members_count + %(members_count)s
WHERE id = %(project)s
"""


def adjust_counts(project: Project, *, tasks: int = 0, open_tasks: int = 0, members: int = 0) -> None:
    """Add to the counts of the locked project; negative numbers take away."""
    steps = {"tasks_count": tasks, "open_tasks_count": open_tasks, "members_count": members}
    if not any(steps.values()):
        return
    prepared(ADJUST, {name: bound(value) for name, value in {**steps, "project": project.pk}.items()})
    for name, step in steps.items():
        setattr(project, name, getattr(project, name) + step)

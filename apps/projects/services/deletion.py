"""Ending a project with everything in it."""

from __future__ import annotations

from django.db import connection

from apps.common.faults import declare, fault_point
from apps.projects.announcements import project_deleting
from apps.projects.erasure import erase_below, erase_rows
from apps.projects.models import Membership, Project

declare("project.deleting")


def erase(project: Project) -> None:
    """Delete the locked project's rows, whatever its state.

    Rows that must outlive it (files on their way out) are detached by those who listen to
    `project_deleting`. The others are deleted by plain DELETEs, as `apps/projects/erasure.py` knows
    them: a collector that loads each task would take minutes and gigabytes for 100,000 of them.
    """
    project_deleting.announce(project)
    # Foreign keys are checked batch by batch: all at once, at COMMIT, would be one long statement.
    _set_constraints("IMMEDIATE")
    Project.objects.filter(pk=project.pk).update(trash=None)  # its own entry goes before it
    erase_below("project", [project.pk])
    fault_point("project.deleting")
    # Owner and owner's membership refer to each other: they go together.
    _set_constraints("DEFERRED")
    erase_rows(Membership, [project.pk], column="project_id")
    erase_rows(Project, [project.pk])


def _set_constraints(when: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"SET CONSTRAINTS ALL {when}")

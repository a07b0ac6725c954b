"""Setting kept numbers right."""

from __future__ import annotations

from apps.common.errors import NotFoundError
from apps.common.transactions import write
from apps.projects.services import lock_project
from apps.tasks.counters.recounting import KEPT, run


@write
def set_right(project_id: int) -> None:
    """Set all kept numbers of a project and of its tasks to what they count, under its lock.

    No version rises, and there is no event: nothing that people wrote changes. A project that is gone is left alone.
    """
    try:
        lock_project(project_id)
    except NotFoundError:
        return
    for kept in KEPT:
        run(kept.setting, [project_id])

"""Writing a task under its key elsewhere: the services of a single task, and which of them it is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from apps.common.concurrency import Expected
from apps.common.errors import NotFoundError, PreconditionFailedError
from apps.common.transactions import start_again, write
from apps.projects.roles import Capability
from apps.projects.services import lock_project_as
from apps.tasks.external.keys import ExternalKey, find_task
from apps.tasks.labels.services import WRITTEN, find_labels
from apps.tasks.models import Task
from apps.tasks.services import create_task, update_task
from apps.users.models import User


@write
def put_task(
    *,
    actor: User,
    project_id: int,
    key: ExternalKey,
    fields: Mapping[str, Any],
    on_subtasks: str | None = None,
    expected: Expected = None,
    must_exist: bool = False,
) -> tuple[Task, bool]:
    """Create the project's task with this key, or set fields of the one that has it; return it and whether it is new.

    `fields` are those of `update_task` without `project`, with a title where the task is new. The project's lock
    decides between two at once: the second finds the task of the first. Raises what `create_task` and `update_task`
    raise, PreconditionFailedError for a new task that `must_exist`.
    """
    task = find_task(project_id, key)
    if task is None:
        lock_project_as(actor, project_id, Capability.WRITE_TASKS)
        task = find_task(project_id, key)
        if task is None:
            if must_exist:
                raise PreconditionFailedError
            return _create(actor, project_id, key, fields), True
        start_again()  # an update may need the lock of the graph, which comes before the project's
    written = update_task(actor=actor, task=task, changes=fields, on_subtasks=on_subtasks, expected=expected)
    if written.project_id != project_id:  # moved away since it was found: what was written there is taken back
        start_again()
        raise NotFoundError
    return written, False


def _create(actor: User, project_id: int, key: ExternalKey, fields: Mapping[str, Any]) -> Task:
    find_labels(project_id, fields)  # a fault is at the word that the caller has used
    new = {name: value for name, value in fields.items() if name not in WRITTEN}
    labels = fields.get("labels", fields.get("labels_add", ()))
    return create_task(actor=actor, project=project_id, external=key, labels=labels, **new)

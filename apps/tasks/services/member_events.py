"""What becomes of tasks when a member leaves a project or a project ends; listens to the projects app."""

from __future__ import annotations

from django.db import connection
from django.utils import timezone

from apps.projects.events import EventType
from apps.projects.models import Project
from apps.projects.services import Event, record_event
from apps.tasks.attachments.services import detach_files
from apps.tasks.models import Task, task_key
from apps.tasks.relations.services import record_ending_of_project
from apps.users.models import User

BATCH = 5_000  # tasks per statement: each stays below the web's time limit
# Each is a new version, whoever edits one meets a 412.
UNASSIGN = f"""
UPDATE tasks_task SET assigned_to_id = NULL, version = version + 1, updated_at = %s
WHERE id = ANY(ARRAY(
    SELECT id FROM tasks_task WHERE project_id = %s AND assigned_to_id = %s LIMIT {BATCH}
))
RETURNING number, id, trash_id IS NULL
"""  # noqa: S608 - a number of ours


def unassign_leaving_member(project: Project, user: User, actor: User) -> None:
    """Take the leaving member off all tasks of the locked project, with one entry in its history."""
    rows: list[tuple[int, int]] = []  # number and id of those outside the trash
    with connection.cursor() as cursor:
        batch = BATCH
        while batch == BATCH:
            cursor.execute(UNASSIGN, [timezone.now(), project.pk, user.pk])
            found = cursor.fetchall()
            batch = len(found)
            rows += [(number, task_id) for number, task_id, is_kept in found if is_kept]
    keys = [task_key(project.key, number) for number, _ in sorted(rows)]
    if keys:
        event = Event(
            type=EventType.TASK_UNASSIGNED,
            object_ids=sorted(task_id for _, task_id in rows),
            changes={"assigned_to": (user.pk, None), "tasks": (keys, None)},
        )
        record_event(project.pk, event, actor_id=actor.pk)


def release_tasks_of_project(project: Project) -> None:
    """Let go of all files of a project that ends, and of its relations to other projects; its tasks go with it."""
    record_ending_of_project(project)
    detach_files(task_ids=Task.objects.filter(project=project).values_list("pk", flat=True))

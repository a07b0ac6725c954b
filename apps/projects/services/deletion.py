"""Ending a project with everything in it."""

from __future__ import annotations

from django.db import connection, models
from django.db.backends.utils import CursorWrapper

from apps.common.concurrency import Expected, require_version
from apps.common.faults import declare, fault_point
from apps.common.transactions import write
from apps.projects.announcements import project_deleting
from apps.projects.models import Membership, Project
from apps.projects.roles import Capability
from apps.projects.services.locking import lock_project_as, require_no_inbox
from apps.users.models import User

declare("project.deleting")
BATCH = 10_000  # rows per statement: each stays far below the web's time limit


@write
def delete_project(*, actor: User, project_id: int, expected: Expected = None, as_administrator: bool = False) -> None:
    """Delete the project with its tasks, files, reports and history.

    Raises PreconditionFailed, or ConflictError for an Inbox.
    """
    project = lock_project_as(actor, project_id, Capability.OWN_PROJECT, as_administrator=as_administrator)
    require_version(project, expected)
    require_no_inbox(project, "deleted")
    erase(project)


def erase(project: Project) -> None:
    """Delete the locked project's rows, whatever its state.

    Rows that must outlive it (files on their way out) are let go by who listens to
    `project_deleting`. The rest goes by plain DELETEs: a collector that loads each task would take
    minutes and gigabytes for 100,000 of them.
    """
    project_deleting.announce(project)
    contents = [relation for relation in Project._meta.related_objects if relation.on_delete is models.CASCADE]
    with connection.cursor() as cursor:
        # Foreign keys are checked batch by batch: all at once, at COMMIT, would be one long statement.
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for relation in contents:
            if relation.related_model is not Membership:
                _delete_rows(cursor, relation.related_model._meta.db_table, str(relation.field.column), project.pk)
        fault_point("project.deleting")
        # Owner and owner's membership refer to each other: they go together.
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
        _delete_rows(cursor, Membership._meta.db_table, "project_id", project.pk)
        _delete_rows(cursor, Project._meta.db_table, "id", project.pk)


def _delete_rows(cursor: CursorWrapper, table: str, column: str, value: int) -> None:
    quote = connection.ops.quote_name
    statement = (
        f"DELETE FROM {quote(table)} WHERE id = ANY(ARRAY("  # noqa: S608 - names of our own models
        f"SELECT id FROM {quote(table)} WHERE {quote(column)} = %s LIMIT {BATCH}))"
    )
    deleted = BATCH
    while deleted == BATCH:
        cursor.execute(statement, [value])
        deleted = cursor.rowcount

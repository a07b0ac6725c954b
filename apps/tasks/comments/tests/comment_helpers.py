"""What the tests of comments have in common."""

from __future__ import annotations

from typing import Any

from django.db import connection

from apps.projects.models import Activity
from apps.tasks.comments.services import create_comment
from apps.tasks.models import Comment, Task
from apps.users.models import User


def url(task: Task, comment: Comment | int | None = None, *rest: object) -> str:
    """Return the path of a task's comments, of one, or of something below it."""
    parts = [f"/api/tasks/{task.pk}/comments/"]
    if comment is not None:
        parts.append(f"{comment.pk if isinstance(comment, Comment) else comment}/")
    return "".join([*parts, *(f"{part}/" for part in rest)])


def comment_on(task: Task, author: User, body: str = "Hello") -> Comment:
    """Write a comment through the service."""
    return create_comment(actor=author, task=task, body=body)


def events(task: Task) -> list[tuple[str, str, dict[str, Any]]]:
    """Return (type, verb, changes) of the task's events, oldest first."""
    return list(Activity.objects.filter(task_id=task.pk).order_by("seq").values_list("type", "verb", "changes"))


def tables_with(text: str) -> list[str]:
    """Return the tables of the database in which `text` stands anywhere."""
    with connection.cursor() as cursor:
        found = []
        for table in sorted(connection.introspection.table_names(cursor)):
            cursor.execute(f"SELECT count(*) FROM {table} t WHERE t::text LIKE %s", [f"%{text}%"])
            if cursor.fetchone()[0]:
                found.append(table)
        return found

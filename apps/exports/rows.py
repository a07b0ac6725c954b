"""The rows of a project as an export has them: plain values, with people as they are shown to others.

What is in the trash, deleted texts and addresses are in none; of a task in another project nothing is said.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, QuerySet

from apps.projects.models import Activity, Membership, Project
from apps.tasks.models import Attachment, Comment, CommentVersion, Label, Relation, SavedView, Task, TaskLabel, task_key

AT_ONCE = 2_000  # rows that are fetched together
Row = dict[str, Any]
OUTSIDE = {"visible": False}


def person(row: Row, name: str) -> Row | None:
    """Take the columns of a person out of `row` and return them as the person."""
    shown = {field: row.pop(f"{name}__{field}") for field in ("id", "username", "nickname")}
    return shown if shown["id"] is not None else None


def _people(*names: str) -> list[str]:
    return [f"{name}__{field}" for name in names for field in ("id", "username", "nickname")]


def _read(rows: QuerySet[Any, Any], columns: tuple[str, ...], *people: str, **made: Any) -> Iterator[Row]:
    """Yield the columns of rows, with the named foreign keys as people."""
    for row in rows.values(*columns, *_people(*people), **made).iterator(chunk_size=AT_ONCE):
        yield row | {name: person(row, name) for name in people}


def file_in_archive(pk: int, name: str) -> str:
    """Return where the file of an attachment lies in the archive."""
    return f"files/{pk}/{name.replace('/', '_').replace(chr(92), '_')}"


def project_row(project_id: int) -> Iterator[Row]:
    """Yield the project."""
    columns = ("id", "key", "name", "description", "is_inbox", "on_parent_done", "new_tasks", "blocked_done")
    times = ("archived_at", "version", "created_at", "updated_at")
    yield from _read(Project.objects.filter(pk=project_id), (*columns, *times), "owner")


def members(project_id: int) -> Iterator[Row]:
    """Yield who is in the project."""
    rows = Membership.objects.filter(project_id=project_id).order_by("joined_at", "pk")
    yield from _read(rows, ("role", "joined_at"), "user")


def labels(project_id: int) -> Iterator[Row]:
    """Yield the labels by name."""
    columns = ("id", "name", "color", "description", "created_at")
    yield from _read(Label.objects.filter(project_id=project_id).by_name(), columns)


def tasks(project_id: int) -> Iterator[Row]:
    """Yield the tasks in their manual order, archived ones too; `labels` and `parent` are ids."""
    found = Task.objects.kept().filter(project_id=project_id).order_by("rank")
    carried = TaskLabel.objects.filter(task=OuterRef("pk")).order_by("label__sort_name", "label_id")
    columns = ("id", "number", "title", "description", "status", "priority", "due_date", "due_on", "duration")
    more = ("metadata", "rank", "completed_at", "archived_at", "version", "created_at", "updated_at", "project__key")
    ids = {"labels": ArraySubquery(carried.values("label_id"))}
    elsewhere = ("external_source", "external_id")
    names = (*columns, *more, "labels", "parent_id", *elsewhere)
    for row in _read(found.annotate(**ids), names, "assigned_to", "created_by"):
        key, parent = task_key(row.pop("project__key"), row["number"]), row.pop("parent_id")
        source, external_id = (row.pop(name) for name in elsewhere)
        external = None if external_id is None else {"source": source, "id": external_id}
        yield {"id": row.pop("id"), "key": key, **row, "parent": parent, "external": external}


def comments(project_id: int) -> Iterator[Row]:
    """Yield the comments, oldest first."""
    found = Comment.objects.filter(project_id=project_id, deleted_at=None, task__trash=None)
    columns = ("id", "task_id", "body", "version", "created_at", "edited_at")
    for row in _read(found.order_by("created_at", "pk"), columns, "author"):
        yield {"id": row.pop("id"), "task": row.pop("task_id"), **row}


def comment_versions(project_id: int) -> Iterator[Row]:
    """Yield the former texts of comments, but for erased ones."""
    of_kept = {"comment__project_id": project_id, "comment__deleted_at": None, "comment__task__trash": None}
    found = CommentVersion.objects.filter(erased_at=None, **of_kept).order_by("comment_id", "number")
    for row in _read(found, ("comment_id", "number", "body", "written_at")):
        yield {"comment": row.pop("comment_id"), **row}


def relations(project_id: int) -> Iterator[Row]:
    """Yield the relations with an end in the project; the other end is named only if it is there too."""
    ends = ("from_task", "to_task")
    kept = {f"{end}__{name}": None for end in ends for name in ("trash", "project__trash")}
    here = Relation.objects.filter(from_project_id=project_id) | Relation.objects.filter(to_project_id=project_id)
    columns = [f"{end}__{name}" for end in ends for name in ("id", "number", "project_id", "project__key")]
    for row in _read(here.filter(**kept).order_by("pk"), ("id", "kind", "created_at", *columns), "created_by"):
        for end in ends:
            pk, number, project, key = (
                row.pop(f"{end}__{name}") for name in ("id", "number", "project_id", "project__key")
            )
            is_here = project == project_id
            row[end.removesuffix("_task")] = {"id": pk, "key": task_key(key, number)} if is_here else OUTSIDE
        yield row


def attachments(project_id: int) -> Iterator[Row]:
    """Yield what is known of the files; `file` is where its bytes lie, if the archive has them."""
    found = Attachment.objects.ready().filter(project_id=project_id, task__trash=None).order_by("pk")
    columns = ("id", "task_id", "name", "content_type", "size", "sha256", "uploaded_at")
    for row in _read(found, columns, "uploaded_by"):
        yield {"id": row.pop("id"), "task": row.pop("task_id"), **row}


def shared_views(project_id: int) -> Iterator[Row]:
    """Yield the views that are shared in the project."""
    yield from views(SavedView.objects.filter(project_id=project_id, is_shared=True))


def views(found: QuerySet[SavedView]) -> Iterator[Row]:
    """Yield saved views."""
    columns = ("id", "name", "filter", "ast", "ordering", "layout", "group_by", "columns", "is_shared")
    for row in _read(found.order_by("pk"), (*columns, "created_at", "updated_at", "project_id"), "owner"):
        yield row | {"project": row.pop("project_id")}


def events(project_id: int) -> Iterator[Row]:
    """Yield the history, oldest first, but for what happened to tasks that are in the trash."""
    in_trash = Task.objects.filter(project_id=project_id, trash__isnull=False).values("pk")
    found = Activity.objects.filter(project_id=project_id).exclude(task_id__in=in_trash).order_by("seq")
    columns = ("seq", "event_id", "type", "verb", "object_type", "object_id", "object_ids", "task_id", "task_key")
    yield from _read(found, (*columns, "changes", "version", "origin", "batch_id", "created_at"), "actor")


# The files of a project, in the order in which an import needs them
OF_A_PROJECT: dict[str, Callable[[int], Iterator[Row]]] = {
    "project": project_row,
    "members": members,
    "labels": labels,
    "tasks": tasks,
    "comments": comments,
    "comment_versions": comment_versions,
    "relations": relations,
    "attachments": attachments,
    "views": shared_views,
    "events": events,
}

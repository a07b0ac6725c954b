"""Letting go of files whose task goes, and taking them along when it moves."""

from __future__ import annotations

from collections.abc import Iterable

from django.conf import settings
from django.db.models import F, Sum

from apps.common.background.nudge import nudge
from apps.common.errors import ConflictError
from apps.common.faults import declare, fault_point
from apps.common.sql.statements import bound, prepared
from apps.projects.models import Project
from apps.tasks.models import Attachment, AttachmentQuerySet, AttachmentState

REMOVE_JOB = "tasks.remove_files"
RESERVE = """
UPDATE projects_project SET attachment_bytes = attachment_bytes + %(size)s
WHERE id = %(project)s AND attachment_bytes <= %(most)s
"""

declare("delete.row_marked")


def detach_files(*, task_ids: Iterable[int]) -> int:
    """Mark all files of the tasks as deleting, in the caller's transaction; return how many.

    The caller holds the locks of the projects and goes on to delete the tasks.
    """
    files = Attachment.objects.filter(task_id__in=task_ids)
    sizes = files.ready().values_list("project_id").annotate(total=Sum("size")).order_by()
    for project_id, total in sizes:
        release_bytes(project_id, total)
    return mark_deleting(files)


def carry_files(task_ids: Iterable[int], *, source: Project, target: Project) -> int:
    """Move the files of tasks to another project with the tasks; return their bytes.

    The caller holds the locks of both projects. Raises ConflictError `quota_exceeded` when the
    target has no room for them.
    """
    files = Attachment.objects.filter(task_id__in=list(task_ids))
    total: int = files.ready().aggregate(total=Sum("size"))["total"] or 0
    files.update(project=target)
    if total:
        release_bytes(source.pk, total)
        reserve_bytes(target.pk, total)
    return total


def mark_deleting(files: AttachmentQuerySet) -> int:
    """Mark and detach `files` in one UPDATE, and wake the job that removes them; return how many."""
    count = files.update(state=AttachmentState.DELETING, task=None, project=None)
    if count:
        fault_point("delete.row_marked")
        nudge(REMOVE_JOB)
    return count


def reserve_bytes(project_id: int, size: int) -> None:
    """Count `size` more bytes against the project's quota, in one conditional UPDATE.

    Raises ConflictError `quota_exceeded` when they do not fit.
    """
    values = {"project": project_id, "size": size, "most": settings.PROJECT_QUOTA_BYTES - size}
    if not prepared(RESERVE, {name: bound(value) for name, value in values.items()})[1]:
        raise ConflictError(
            f"The project's files may hold {settings.PROJECT_QUOTA_BYTES} bytes together.", code="quota_exceeded"
        )


def release_bytes(project_id: int, size: int) -> None:
    """Give `size` bytes back to the project's quota."""
    Project.objects.filter(pk=project_id).update(attachment_bytes=F("attachment_bytes") - size)

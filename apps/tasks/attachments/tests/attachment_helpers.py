"""Attachments for tests, made by the same door as everywhere."""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

from django.db.models import Count, F, Q, Sum

from apps.projects.models import Project
from apps.tasks.attachments import services
from apps.tasks.attachments.services import Upload
from apps.tasks.attachments.tests import files
from apps.tasks.attachments.tests.files import stored
from apps.tasks.models import Attachment, Task
from apps.users.models import User


def url(task) -> str:
    return f"/api/tasks/{task.pk}/attachments/"


def send(client, task, *parts, **headers):
    return client.post(url(task), {"file": parts or (files.upload(),)}, format="multipart", headers=headers)


def attach(task: Task, *, by: User | None = None, name: str = "notes.txt", content: bytes = files.TEXT) -> Attachment:
    """Return a ready attachment of the task, uploaded by its creator unless `by` says otherwise."""
    actor = by or task.created_by
    with closing(Upload(actor=actor, task=task, name=name)) as upload:
        upload.write(content)
        upload.place()
        services.publish(actor=actor, upload=upload)
        upload.settle()
    return Attachment.objects.get(pk=upload.attachment.pk)


def lost_or_miscounted(media: Path) -> list[str]:
    """Return what is wrong between rows, files and counts; an empty list is what everybody wants."""
    return [*_lost(media), *_miscounted_tasks(), *_miscounted_projects()]


def _lost(media: Path) -> Iterator[str]:
    for attachment in Attachment.objects.ready():
        path = media / attachment.storage_name
        if not path.is_file() or hashlib.sha256(path.read_bytes()).hexdigest() != attachment.sha256:
            yield f"the file of {attachment.pk} is lost"


def _miscounted_tasks() -> Iterator[str]:
    for task in Task.objects.annotate(files=Count("attachments", filter=Q(attachments__state="ready"))):
        if task.attachments_count != task.files:
            yield f"task {task.pk} counts {task.attachments_count} and has {task.files}"


def _miscounted_projects() -> Iterator[str]:
    for project in Project.objects.all():
        total = Attachment.objects.ready().filter(project=project).aggregate(total=Sum("size"))["total"] or 0
        if project.attachment_bytes != total:
            yield f"project {project.pk} counts {project.attachment_bytes} bytes and has {total}"


def days_pass(media: Path) -> None:
    """Make every unfinished upload and every file old enough for the clean-up."""
    Attachment.objects.uploading().update(created_at=F("created_at") - timedelta(hours=25))
    moment = time.time() - 49 * 3_600
    for name in stored(media):
        os.utime(media / name, (moment, moment))

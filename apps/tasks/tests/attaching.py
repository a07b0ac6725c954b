"""Attachments for tests, made by the same door as everywhere."""

from __future__ import annotations

from contextlib import closing

from apps.tasks import file_services
from apps.tasks.file_services import Upload
from apps.tasks.models import Attachment, Task
from apps.tasks.tests import files
from apps.users.models import User


def attach(task: Task, *, by: User | None = None, name: str = "notes.txt", content: bytes = files.TEXT) -> Attachment:
    """Return a ready attachment of the task, uploaded by its creator unless `by` says otherwise."""
    actor = by or task.created_by
    with closing(Upload(actor=actor, task=task, name=name)) as upload:
        upload.write(content)
        upload.place()
        file_services.publish(actor=actor, upload=upload)
        upload.is_ready = True
    return Attachment.objects.get(pk=upload.attachment.pk)

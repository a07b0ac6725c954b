"""The files of a task: attached, downloaded, deleted."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext
from django.views.decorators.csrf import csrf_exempt, csrf_protect

from apps.common.errors import ForbiddenError, NotFoundError
from apps.projects.roles import Capability, allows
from apps.tasks.attachments.downloads import download
from apps.tasks.attachments.services import Upload, delete_attachment, publish
from apps.tasks.models import Attachment, Task
from apps.users.models import User
from apps.web.base.access import find_task
from apps.web.base.uploads import require_length
from apps.web.base.views import PageView
from apps.web.tasks.forms import AttachForm
from apps.web.tasks.task_views import TaskView


@method_decorator(csrf_exempt, name="dispatch")
class AttachPage(TaskView):
    """Takes a file in.

    Whether the task is visible, the role and the announced length are judged before the body is read; only then is
    its CSRF token, which stands in that body.
    """

    http_method_names = ["post"]
    throttle_scope = "upload"

    def post(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        task = find_task(self.actor, pk, capability=Capability.WRITE_TASKS)
        require_length(request, settings.ATTACHMENT_MAX_BYTES)
        answer: HttpResponseBase = csrf_protect(self.take)(request, task=task)
        return answer

    def take(self, request: HttpRequest, *, task: Task) -> HttpResponse:
        """Store the file of a body whose token is right."""
        form = AttachForm(request.POST, request.FILES)
        attachment = form.submit(lambda values: store(values["file"], task=task, actor=self.actor))
        if attachment is None:
            return self.shown(task, file_form=form, status=form.http_status)
        messages.success(request, gettext("{name} is attached").format(name=attachment.name))
        return self.see(f"{reverse('task-page', args=[task.pk])}#files")


class FilePage(PageView):
    """The file itself, always as a download."""

    http_method_names = ["get", "head"]

    def get(self, request: HttpRequest, pk: int, file_pk: int) -> HttpResponseBase:
        return download(request, find_file(self.actor, pk, file_pk))


class DeleteFile(PageView):
    """Deletes a file: one's own, or any as an admin."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: int, file_pk: int) -> HttpResponse:
        task = find_task(self.actor, pk, capability=Capability.WRITE_TASKS)
        attachment = find_file(self.actor, pk, file_pk)
        if attachment.uploaded_by_id != self.actor.pk and not allows(task.role, Capability.DELETE_ANY_TASK):
            raise ForbiddenError(gettext("Only who attached the file or an admin of the project deletes it."))
        delete_attachment(actor=self.actor, attachment=attachment)
        messages.success(request, gettext("{name} is deleted").format(name=attachment.name))
        return self.see(f"{reverse('task-page', args=[pk])}#files")


def find_file(actor: User, pk: int, file_pk: int) -> Attachment:
    """Return a ready file of a task that the actor sees; NotFoundError for any other."""
    find_task(actor, pk)
    attachment = Attachment.objects.visible_to(actor).filter(task_id=pk, pk=file_pk).first()
    if attachment is None:
        raise NotFoundError
    return attachment


def store(file: UploadedFile[Any], *, task: Task, actor: User) -> Attachment:
    """Write a received file to its place and attach it; what fails leaves nothing behind. Raises what `Upload` does."""
    upload = Upload(actor=actor, task=task, name=file.name or "", announced=file.size or 0)
    try:
        for chunk in file.chunks():
            upload.write(chunk)
        upload.place()
        attachment = publish(actor=actor, upload=upload)
        upload.settle()
        return attachment
    finally:
        upload.close()

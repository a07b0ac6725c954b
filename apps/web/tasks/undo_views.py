"""Undo of an act: the button of each message, and of one's own batches in a history."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext, ngettext

from apps.batches.models import Batch
from apps.tasks.bulk.access import count_tasks, find_own
from apps.tasks.bulk.background import undo
from apps.tasks.bulk.work import Report
from apps.tasks.models import Task
from apps.web.base.paths import own_path
from apps.web.base.views import PageView


class UndoBatch(PageView):
    """Takes an act back, as far as nobody has changed its tasks since."""

    http_method_names = ["post"]
    throttle_scope = "bulk"

    def post(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        batch = find_own(self.actor, pk)
        count_tasks(self.actor, batch.total)
        messages.success(request, said_of(undo(actor=self.actor, batch=batch)))
        return self.see(own_path(request.POST.get("next"), default=reverse("landing")))


def said_of(done: Report | Batch) -> str:
    """Return what the page says of an undo; a Batch is one that a worker does."""
    if isinstance(done, Batch):
        said = ngettext("{n} task is being put back as it was", "{n} tasks are being put back as they were", done.total)
        return said.format(n=done.total)
    counts = done.as_json()["counts"]
    left = counts["conflict"] + counts["failed"]
    but = ngettext("Undone, but {n} stays as it is now", "Undone, but {n} stay as they are now", left)
    return but.format(n=left) if left else gettext("Undone")


def undo_of(task: Task) -> str:
    """Return where the act that wrote the row can be undone; nothing for one that cannot."""
    return reverse("batch-undo", args=[task.batch_id]) if task.batch_id else ""

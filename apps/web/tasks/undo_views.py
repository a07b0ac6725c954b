"""Undo of an act: the button of each message, and of one's own batches in a history."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
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
    """Return what the page says of an undo; a Batch is one that a worker does.

    What stays as it is, and what is still being done, can be looked up.
    """
    if isinstance(done, Batch):
        said = ngettext("The change of {n} task is being undone", "The change of {n} tasks is being undone", done.total)
        return with_details(said.format(n=done.total), done.pk)
    answer = done.as_json()
    left = answer["counts"]["conflict"] + answer["counts"]["failed"]
    but = ngettext("Undone, but {n} stays as it is now", "Undone, but {n} stay as they are now", left)
    return with_details(but.format(n=left), answer["batch_id"]) if left else gettext("Undone")


def with_details(text: str, batch_id: UUID | str) -> SafeString:
    """Return the text with a link to the page that says what became of each task."""
    return format_html('{} <a href="{}">{}</a>', text, reverse("batch-page", args=[batch_id]), gettext("Details"))


def undo_of(task: Task) -> str:
    """Return where the act that wrote the row can be undone; nothing for one that cannot."""
    return reverse("batch-undo", args=[task.batch_id]) if task.batch_id else ""

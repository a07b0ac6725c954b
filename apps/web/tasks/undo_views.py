"""Undo of an act: the button of each message, and of one's own batches in a history."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from apps.tasks.bulk.access import count_tasks, find_own
from apps.tasks.bulk.undoing import undo_batch
from apps.web.base.paths import own_path
from apps.web.base.views import PageView


class UndoBatch(PageView):
    """Takes an act back, as far as nobody has changed its tasks since."""

    http_method_names = ["post"]
    throttle_scope = "bulk"

    def post(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        batch = find_own(self.actor, pk)
        count_tasks(self.actor, batch.total)
        counts = undo_batch(actor=self.actor, batch_id=pk).as_json()["counts"]
        left = counts.get("conflict", 0) + counts.get("failed", 0)
        messages.success(request, f"Undone, but {left} stay as they are now" if left else "Undone")
        return self.see(own_path(request.POST.get("next"), default=reverse("landing")))

"""Undo of an act: the button of each message, and of one's own batches in a history."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.db.models import Exists, OuterRef, Q
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from apps.batches.models import Batch
from apps.common.errors import ForbiddenError, NotFoundError
from apps.projects.models import Activity, Membership
from apps.tasks.bulk.undoing import undo_batch
from apps.tasks.bulk.views import count_tasks
from apps.users.models import User
from apps.web.base.paths import own_path
from apps.web.base.views import PageView


class UndoBatch(PageView):
    """Takes an act back, as far as nobody has changed its tasks since."""

    http_method_names = ["post"]
    throttle_scope = "bulk"

    def post(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        batch = find_batch(self.actor, pk)
        count_tasks(self.actor, batch.total)
        counts = undo_batch(actor=self.actor, batch_id=pk).as_json()["counts"]
        left = counts.get("conflict", 0) + counts.get("failed", 0)
        messages.success(request, f"Undone, but {left} stay as they are now" if left else "Undone")
        return self.see(own_path(request.POST.get("next"), default=reverse("landing")))


def find_batch(actor: User, pk: UUID) -> Batch:
    """Return a batch of the actor; ForbiddenError for one that others did, NotFoundError where no event is visible."""
    mine = Membership.objects.filter(user=actor).values("project_id")
    seen = Activity.objects.filter(batch_id=OuterRef("pk"), project__in=mine)
    batch = Batch.objects.filter(Q(actor=actor) | Exists(seen), pk=pk).first()
    if batch is None:
        raise NotFoundError
    if batch.actor_id != actor.pk:
        raise ForbiddenError("Only who did this undoes it.")
    return batch

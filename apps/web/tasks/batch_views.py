"""The page of one's own batch: what became of each task, and its undo."""

from __future__ import annotations

from uuid import UUID

from django.db.models import F, IntegerField
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy

from apps.batches.models import Action, BatchItem, Outcome, State
from apps.common.lists.ordering import OrderKey
from apps.tasks.bulk.access import find_own
from apps.tasks.bulk.filters import BatchItemFilter
from apps.web.base.listing import Listing, read_list
from apps.web.base.views import PageView
from apps.web.tasks.outcomes import outcome_rows

BY_POSITION = {"position": OrderKey(F("position"), kind=IntegerField)}
TITLES = {
    Action.UPDATE: gettext_lazy("Change of tasks"),
    Action.COMPLETE: gettext_lazy("Tasks finished"),
    Action.MOVE: gettext_lazy("Move of tasks"),
    Action.ARCHIVE: gettext_lazy("Tasks archived"),
    Action.UNARCHIVE: gettext_lazy("Tasks taken out of the archive"),
    Action.DELETE: gettext_lazy("Tasks put into the trash"),
    Action.CREATE: gettext_lazy("New tasks"),
    Action.RESTORE: gettext_lazy("Tasks restored"),
    Action.UNDO: gettext_lazy("Undo"),
    Action.IMPORT: gettext_lazy("Import"),
}
RESULTS = {
    Outcome.CHANGED: gettext_lazy("changed"),
    Outcome.UNCHANGED: gettext_lazy("unchanged"),
    Outcome.CONFLICT: gettext_lazy("changed since"),
    Outcome.FAILED: gettext_lazy("not possible"),
}


class BatchPage(PageView):
    """For who did it alone (contract BU11); a batch in the background is followed here."""

    http_method_names = ["get", "head"]
    template_name = "web/tasks/batch.html"

    def get(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        batch = find_own(self.actor, pk)
        items: Listing[BatchItem] = read_list(
            request,
            BatchItem.objects.filter(batch=batch),
            ordering_keys=BY_POSITION,
            default_ordering="position",
            filterset_class=BatchItemFilter,
        )
        counts = [(value, label, batch.counts.get(value, 0)) for value, label in RESULTS.items()]
        return self.page(
            batch=batch,
            heading=TITLES[Action(batch.action)],
            is_running=batch.state in {State.PENDING, State.RUNNING},
            done=sum(number for _, _, number in counts),
            counts=counts,
            items=items,
            rows=outcome_rows(items.rows, reader=self.actor),
            can_undo=not batch.reason_against_undo(now=timezone.now()),
            undone_by=batch.undone_by,
        )

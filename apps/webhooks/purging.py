"""What goes from the log of deliveries: by age, and texts that were erased where they came from (contract WH13)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Exists, OuterRef, Q

from apps.common.background.purging import purge
from apps.projects.models import Activity
from apps.webhooks.models import Delivery, DeliveryState, Webhook


def purge_deliveries(*, now: datetime) -> int:
    """Delete deliveries that have ended and are older than DELIVERY_DAYS, in batches; return how many."""
    oldest = now - timedelta(days=settings.DELIVERY_DAYS)
    ended = Delivery.objects.exclude(state=DeliveryState.PENDING).filter(created_at__lt=oldest)
    return purge(ended.order_by("created_at"))


def still_to_read() -> Q:
    """Return which events of the log a webhook has still to read or to send, with those behind them (contract E8)."""
    behind = Webhook.objects.active().filter(project=OuterRef("project"), cursor_seq__lt=OuterRef("seq"))
    waiting = Delivery.objects.pending().filter(project=OuterRef("project"), activity__seq__lte=OuterRef("seq"))
    return Q(Exists(behind)) | Q(Exists(waiting))


def blank_comment(project_id: int, comment_id: int) -> None:
    """Blank the bodies about a comment whose text was erased."""
    events = Activity.objects.filter(project=project_id, object_type="comment", object_id=comment_id)
    _blank(Q(activity__in=events.values("pk")))


def blank_tasks(task_ids: Sequence[int]) -> None:
    """Blank the bodies about tasks that are erased, and about what hangs on them."""
    _blank(Q(activity__in=Activity.objects.filter(task_id__in=task_ids).values("pk")))


def _blank(condition: Q) -> None:
    # Rows without a body too: one that is being made just now is blanked after it
    ids = Delivery.objects.filter(condition).order_by("pk").values_list("pk", flat=True)
    Delivery.objects.filter(pk__in=list(ids)).update(request_body="")

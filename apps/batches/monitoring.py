"""How batches are: for `doctor` and metrics."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta

from django.db.models import Count, Q, QuerySet
from django.utils import timezone

from apps.batches.models import Batch, State
from apps.common.background.leases import LEASE
from apps.common.monitoring.doctor import Finding, Level, check
from apps.common.monitoring.metrics import register_gauge

WITHOUT_PROGRESS = timedelta(minutes=10)  # contract O4
FRUITLESS = 4  # attempts in a row, which with their pauses take about as long


def states() -> Mapping[str, float]:
    """Return {state: batches}."""
    found = dict(Batch.objects.values_list("state").annotate(rows=Count("pk")))
    return {state.value: float(found.get(state.value, 0)) for state in State}


def stuck() -> QuerySet[Batch]:
    """Return the batches that wait or run and have made no progress for WITHOUT_PROGRESS.

    Each part renews the lease, and a batch that nobody has taken keeps the instant at which it was due.
    """
    last_renewal = timezone.now() - WITHOUT_PROGRESS + timedelta(seconds=LEASE)
    late = Q(state=State.RUNNING, next_attempt_at__lt=last_renewal)
    late |= Q(state=State.PENDING, next_attempt_at__lt=timezone.now() - WITHOUT_PROGRESS)
    return Batch.objects.filter(late | Q(state__in=(State.PENDING, State.RUNNING), attempts__gte=FRUITLESS))


def connect() -> None:
    """Let metrics ask; called once at start."""
    register_gauge("taskhouse_batches", "Batches by state.", states, label="state")
    register_gauge(
        "taskhouse_batches_stuck", "Batches without progress for ten minutes.", lambda: {"": float(stuck().count())}
    )


@check("batches")
def batches() -> Iterator[Finding]:
    """Find batches that make no progress."""
    found = stuck().order_by("created_at")
    if number := found.count():
        text = f"{number} without progress for ten minutes; the oldest: {found[0].pk}"
        yield Finding("batches", Level.FAIL, text, "Look at the worker, and in its log for that id.")
    else:
        yield Finding("batches", Level.OK, "none is stuck")

"""How the imports are: for `doctor` and metrics."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta

from django.db.models import Count

from apps.common.background.leases import LEASE
from apps.common.dates.clock import database_now
from apps.common.monitoring.doctor import Finding, Level, check
from apps.common.monitoring.metrics import register_gauge
from apps.imports.models import ImportJob, ImportState

LATE = timedelta(minutes=10)


def states() -> Mapping[str, float]:
    """Return {state: imports}."""
    found: dict[str, int] = dict(ImportJob.objects.values_list("state").annotate(jobs=Count("pk")))
    return {state.value: float(found.get(state.value, 0)) for state in ImportState}


def connect() -> None:
    """Let metrics ask; called once at start."""
    register_gauge("taskhouse_imports", "Imports by state.", states, label="state")


@check("imports")
def imports() -> Iterator[Finding]:
    """Find imports without progress for ten minutes; each part renews the lease."""
    last = database_now() - LATE + timedelta(seconds=LEASE)
    late = ImportJob.objects.filter(state=ImportState.RUNNING, next_attempt_at__lt=last).count()
    if late:
        yield Finding("imports", Level.FAIL, f"{late} without progress for 10 minutes", "Look at beat and the worker.")
    else:
        yield Finding("imports", Level.OK, "none is stuck")

"""How the exports are: for `doctor`."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from apps.common.dates.clock import database_now
from apps.common.monitoring.doctor import Finding, Level, check
from apps.exports.models import Export, ExportState

LATE = timedelta(minutes=10)


@check("exports")
def exports() -> Iterator[Finding]:
    """Find exports that should have been built ten minutes ago."""
    late = Export.objects.filter(state=ExportState.PENDING, next_attempt_at__lt=database_now() - LATE).count()
    if late:
        yield Finding("exports", Level.FAIL, f"{late} have waited for 10 minutes", "Look at beat and the worker.")
    else:
        yield Finding("exports", Level.OK, "nothing waits")

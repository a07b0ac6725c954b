"""How the trash is: for `doctor` and metrics."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta

from django.db.models import Count, Sum
from django.utils import timezone

from apps.common.monitoring.doctor import Finding, Level, check
from apps.common.monitoring.metrics import register_gauge
from apps.projects.models import TrashEntry

LATE = timedelta(days=1)


def entries() -> Mapping[str, float]:
    """Return {type: entries}."""
    found = dict(TrashEntry.objects.values_list("type").annotate(rows=Count("pk")))
    return {kind.value: float(found.get(kind.value, 0)) for kind in TrashEntry.Type}


def size() -> Mapping[str, float]:
    """Return the bytes of files in the trash."""
    return {"": float(TrashEntry.objects.aggregate(total=Sum("attachments_bytes"))["total"] or 0)}


def connect() -> None:
    """Let metrics ask; called once at start."""
    register_gauge("taskhouse_trash_entries", "Entries in the trash.", entries, label="type")
    register_gauge("taskhouse_trash_bytes", "Bytes of files in the trash.", size)


@check("trash")
def trash() -> Iterator[Finding]:
    """Find entries that should have been purged a day ago."""
    late = TrashEntry.objects.due(now=timezone.now() - LATE).count()
    if late:
        yield Finding("trash", Level.FAIL, f"{late} entries are a day past their time", "Look at beat and the worker.")
    else:
        yield Finding("trash", Level.OK, "nothing is past its time")

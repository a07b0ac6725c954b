"""The job `reports.purge`."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from apps.common.background import purging
from apps.reports import jobs
from apps.reports.models import Report


@pytest.mark.parametrize(("days", "left"), [(30, 1), (0, 4)])
def test_reports_past_their_retention_go_in_batches(project, owner, settings, monkeypatch, days, left):
    settings.REPORT_RETENTION_DAYS = days
    monkeypatch.setattr(purging, "BATCH", 2)
    for age in (31, 32, 33, 29):
        Report.objects.create(project=project, created_by=owner, created_at=timezone.now() - timedelta(days=age))

    jobs.purge()

    assert Report.objects.count() == left

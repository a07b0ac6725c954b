"""The job `projects.purge_activity`."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from apps.common.background import purging
from apps.projects import jobs
from apps.projects.models import Activity


@pytest.mark.parametrize(("days", "left"), [(365, 1), (0, 4)])
def test_history_past_its_retention_goes_in_batches(project, settings, monkeypatch, days, left):
    settings.ACTIVITY_RETENTION_DAYS = days
    monkeypatch.setattr(purging, "BATCH", 2)
    for age in (500, 400, 366, 364):
        Activity.objects.create(project=project, verb="updated", created_at=timezone.now() - timedelta(days=age))

    jobs.purge_activity()

    assert Activity.objects.count() == left

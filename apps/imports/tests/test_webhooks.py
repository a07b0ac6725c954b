"""What webhooks are sent of an import (contract IM9)."""

from __future__ import annotations

import pytest

from apps.projects.models import Activity
from apps.webhooks.selecting import without_silent


@pytest.mark.parametrize("notify", [False, True])
def test_im9_webhooks_are_sent_the_events_of_an_import_only_when_it_says_so(project, admin, imported, notify):
    before = set(Activity.objects.values_list("pk", flat=True))
    imported(admin, "Title\nOne\n", project, notify=notify)

    sent = without_silent(list(Activity.objects.exclude(pk__in=before).order_by("seq")))

    assert [event.type for event in sent] == (["task.created"] if notify else []) + ["import.finished"]

from __future__ import annotations

import pytest

from apps.tasks.reminders.scan import note_scan
from apps.tasks.reminders.tests.reminder_helpers import DAY, START
from apps.tasks.tests.factories import TaskFactory


@pytest.fixture
def scanned():
    """Scans have been running until START."""
    note_scan(START)


@pytest.fixture
def due(project, member, scanned):
    """A task of the member, due two days after START."""
    return TaskFactory(project=project, assigned_to=member, due_date=START + 2 * DAY, title="Send the offer")

"""Batches in `doctor` and metrics (contract O3, O4)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from apps.batches import monitoring
from apps.batches.models import Action, Batch, State

pytestmark = pytest.mark.django_db


def batch(owner, state, *, due=0, **fields):
    """Make a batch that was due so many minutes ago."""
    due_at = timezone.now() - timedelta(minutes=due)
    return Batch.objects.create(actor=owner, action=Action.UPDATE, state=state, next_attempt_at=due_at, **fields)


def test_o3_batches_are_counted_by_state(owner):
    for state in (State.DONE, State.DONE, State.RUNNING):
        batch(owner, state)

    assert monitoring.states() == {"pending": 0, "running": 1, "done": 2, "failed": 0}


@pytest.mark.parametrize(
    ("state", "fields", "is_stuck"),
    [
        (State.PENDING, {"due": 9}, False),
        (State.PENDING, {"due": 11}, True),
        (State.RUNNING, {"due": 7}, False),  # the lease was renewed two minutes earlier
        (State.RUNNING, {"due": 9}, True),
        (State.RUNNING, {"due": -4, "attempts": 4}, True),
        (State.DONE, {"due": 99}, False),
        (State.FAILED, {"due": 99, "attempts": 6}, False),
    ],
)
def test_o4_doctor_finds_batches_without_progress_for_ten_minutes(owner, state, fields, is_stuck):
    found = batch(owner, state, **fields)

    [finding] = monitoring.batches()

    assert finding.level == ("fail" if is_stuck else "ok")
    assert (str(found.pk) in finding.text) == is_stuck

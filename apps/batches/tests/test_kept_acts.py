"""Single acts that can be undone are kept as batches (contract BU8)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from apps.batches.context import RunningBatch, acting_in
from apps.batches.models import Batch, BatchItem
from apps.batches.services import purge_batches
from apps.projects.models import Activity, TrashEntry
from apps.projects.tests.factories import ProjectFactory
from apps.tasks import services
from apps.tasks.trash.services import restore_entry

pytestmark = pytest.mark.django_db


def _move(owner, task):
    services.update_task(actor=owner, task=task, changes={"project": ProjectFactory(owner=owner).pk})


def _unarchive(owner, task):
    services.unarchive_task(actor=owner, task=services.archive_task(actor=owner, task=task))


def _restore(owner, task):
    services.delete_task(actor=owner, task=task)
    restore_entry(actor=owner, entry=TrashEntry.objects.get())


ACTS = {
    "move": _move,
    "archive": lambda owner, task: services.archive_task(actor=owner, task=task),
    "unarchive": _unarchive,
    "delete": lambda owner, task: services.delete_task(actor=owner, task=task),
    "restore": _restore,
}


@pytest.mark.parametrize("action", ACTS)
def test_bu8_an_act_that_can_be_undone_is_a_batch_with_the_id_of_its_events(owner, task, action):
    ACTS[action](owner, task)

    batch = Batch.objects.latest("created_at")
    assert (batch.action, batch.actor, batch.mode, batch.state, batch.total) == (action, owner, "atomic", "done", 1)
    assert batch.counts == {"changed": 1, "unchanged": 0, "failed": 0, "conflict": 0}
    assert batch.reason_against_undo(now=timezone.now()) == ""
    assert batch.pk == Activity.objects.latest("pk").batch_id


def test_bu8_another_single_edit_is_no_batch(owner, task):
    services.update_task(actor=owner, task=task, changes={"title": "Other"})

    assert not Batch.objects.exists()


def test_acts_inside_a_batch_are_part_of_it_and_keep_none_of_their_own(owner, task):
    with acting_in(RunningBatch()) as running:
        services.update_task(actor=owner, task=task, changes={"title": "Other"})
        services.archive_task(actor=owner, task=task)

    assert [event.type for event in running.events] == ["task.updated", "task.archived"]
    assert set(Activity.objects.values_list("batch_id", flat=True)) == {running.id}
    assert not Batch.objects.exists()


def test_bu13_finished_batches_are_purged_with_their_items_after_batch_days(owner, task, settings):
    settings.BATCH_DAYS = 7
    services.archive_task(actor=owner, task=task)
    services.unarchive_task(actor=owner, task=task)
    old, recent = Batch.objects.order_by("created_at")
    BatchItem.objects.create(batch=old, position=0, task_id=task.pk, result="changed")
    Batch.objects.filter(pk=old.pk).update(created_at=timezone.now() - timedelta(days=8))

    purge_batches(now=timezone.now())

    assert list(Batch.objects.all()) == [recent]
    assert not BatchItem.objects.exists()


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"state": "running", "finished_at": None}, "running"),
        ({"dry_run": True}, "dry_run"),
        ({"finished_at": timezone.now() - timedelta(hours=25)}, "expired"),
        ({"counts": {"changed": 0}}, "nothing"),
    ],
)
def test_bu9_says_why_a_batch_cannot_be_undone(owner, task, changes, reason):
    services.archive_task(actor=owner, task=task)
    Batch.objects.update(**changes)

    assert Batch.objects.get().reason_against_undo(now=timezone.now()) == reason

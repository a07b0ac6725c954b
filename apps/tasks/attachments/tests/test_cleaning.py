"""The clean-up: what it takes, what it leaves, and --dry-run."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.utils import timezone

from apps.common.models import Heartbeat
from apps.projects.models import Activity
from apps.tasks import jobs
from apps.tasks.attachments import storage
from apps.tasks.attachments.services import Upload, clean_files, remove_deleted
from apps.tasks.attachments.tests import files
from apps.tasks.attachments.tests.attachment_helpers import attach
from apps.tasks.models import Attachment, AttachmentState
from apps.tasks.tests.factories import TaskFactory

HOURS = 3_600  # seconds


def left_behind(task, *, hours: float, seal: bool = False, place: bool = False) -> Attachment:
    """Return the row of an upload whose process died `hours` ago."""
    upload = Upload(actor=task.created_by, task=task, name="half.txt")
    upload.write(b"half a fi")
    if seal or place:
        upload.incoming.seal()
    if place:
        upload.incoming.place()
    upload.incoming.close()
    Attachment.objects.filter(pk=upload.attachment.pk).update(created_at=timezone.now() - timedelta(hours=hours))
    return upload.attachment


def stray(media, *, hours: float, name: str = "attachments/ab/abcdef"):
    """Write a file without a row, last written `hours` ago."""
    path = media / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"who am I")
    moment = timezone.now().timestamp() - hours * HOURS
    os.utime(path, (moment, moment))
    return path


@pytest.mark.parametrize("how_far", [{}, {"seal": True}, {"place": True}], ids=["half", "sealed", "placed"])
def test_an_upload_that_broke_off_a_day_ago_goes(task, media, how_far):
    left_behind(task, hours=25, **how_far)
    assert len(files.stored(media)) == 1

    done = clean_files()

    assert (done.uploads, done.removed) == (1, 1)
    assert (files.stored(media), Attachment.objects.count()) == ([], 0)


def test_an_upload_of_today_is_left_to_end(task, media):
    left_behind(task, hours=23)

    clean_files()

    assert len(files.stored(media)) == Attachment.objects.uploading().count() == 1


def test_a_file_that_is_already_gone_is_fine(task, media):
    attachment = attach(task)
    Attachment.objects.update(state=AttachmentState.DELETING, task=None, project=None)
    (media / attachment.storage_name).unlink()

    assert remove_deleted() == 1
    assert Attachment.objects.count() == 0


def test_a_file_that_cannot_be_removed_keeps_its_row_and_holds_up_no_other(task, media, monkeypatch, caplog):
    stuck, free = attach(task), attach(task)
    Attachment.objects.update(state=AttachmentState.DELETING, task=None, project=None)
    remove = storage.remove

    def reject_one(name):
        if name == stuck.storage_name:
            raise PermissionError(13, "Permission denied")
        remove(name)

    monkeypatch.setattr(storage, "remove", reject_one)
    assert remove_deleted() == 1
    assert Attachment.objects.get().pk == stuck.pk
    assert f"attachment {stuck.pk} cannot be removed yet" in caplog.text
    monkeypatch.undo()
    assert remove_deleted() == 1
    assert not (media / free.storage_name).exists()


@pytest.mark.parametrize(
    "name",
    ["attachments/ab/abcdef", f"incoming/{'a' * 32}.part", f"attachments/aa/{'a' * 32}"],
)
def test_a_file_without_a_row_goes_after_two_days(media, task, name):
    kept = attach(task)
    old, young = stray(media, hours=49, name=name), stray(media, hours=47, name=name + "f")

    done = clean_files()

    assert len(done.strays) == 1
    assert (old.exists(), young.exists(), (media / kept.storage_name).exists()) == (False, True, True)


def test_a_file_with_a_row_stays_however_old(media, task):
    attachment = attach(task)
    os.utime(media / attachment.storage_name, (0, 0))

    clean_files()

    assert files.stored(media) == [attachment.storage_name]


def test_what_does_not_belong_to_attachments_is_not_touched(db, media):
    avatar = stray(media, hours=1_000, name="avatars/face.png")

    clean_files()

    assert avatar.exists()


def test_a_storage_without_a_folder_yet_has_nothing_to_clean(db):
    assert clean_files().strays == ()


def archived_task(project, *, days: float):
    return TaskFactory(project=project, archived_at=timezone.now() - timedelta(days=days))


def test_files_of_tasks_archived_long_ago_go_after_the_retention(project, media, settings):
    settings.ATTACHMENT_RETENTION_DAYS = 30
    old, young, active = archived_task(project, days=31), archived_task(project, days=29), TaskFactory(project=project)
    for task in (old, young, active):
        _attach_to_archived(task)

    done = clean_files()

    for task in (old, young, active, project):
        task.refresh_from_db()
    assert (done.expired, done.removed) == (2, 2)
    assert [task.attachments_count for task in (old, young, active)] == [0, 2, 2]
    assert project.attachment_bytes == 4 * len(files.TEXT)
    assert len(files.stored(media)) == Attachment.objects.count() == 4
    entry = Activity.objects.get(verb="attachments_expired")
    assert (entry.task_id, entry.actor_id) == (old.pk, None)
    assert entry.changes == {"attachments": {"from": "notes.txt, notes.txt", "to": None}}


def _attach_to_archived(task) -> Attachment:
    archived_at, task.archived_at = task.archived_at, None
    task.save()
    attach(task)
    attachment = attach(task)
    task.archived_at = archived_at
    task.save(update_fields=["archived_at"])
    return attachment


def test_without_a_retention_files_of_archived_tasks_stay(project, media):
    _attach_to_archived(archived_task(project, days=10_000))

    assert clean_files().expired == 0
    assert len(files.stored(media)) == 2


def test_a_dry_run_tells_and_changes_nothing(project, task, media, settings):
    settings.ATTACHMENT_RETENTION_DAYS = 30
    _attach_to_archived(archived_task(project, days=31))
    left_behind(task, hours=25)
    deleted = attach(task)
    Attachment.objects.filter(pk=deleted.pk).update(state=AttachmentState.DELETING, task=None, project=None)
    stray(media, hours=49)
    rows, names = list(Attachment.objects.order_by("pk").values()), files.stored(media)
    output = StringIO()

    call_command("clean_files", dry_run=True, stdout=output)

    assert list(Attachment.objects.order_by("pk").values()) == rows
    assert files.stored(media) == names
    assert not Activity.objects.filter(verb="attachments_expired").exists()
    assert output.getvalue().splitlines() == [
        "without a row: attachments/ab/abcdef",
        "Would have removed: 1 broken uploads, 2 expired files, 4 files with their rows in all, 1 files without a row.",
    ]


def test_the_command_says_what_it_removed(task, media):
    left_behind(task, hours=25)
    stray(media, hours=49)
    output = StringIO()

    call_command("clean_files", stdout=output)

    assert output.getvalue().splitlines()[-1] == (
        "Removed: 1 broken uploads, 0 expired files, 1 files with their rows in all, 1 files without a row."
    )
    assert files.stored(media) == []


def test_a_clock_that_is_given_counts(task):
    left_behind(task, hours=0)

    assert clean_files(now=datetime.now(UTC) + timedelta(hours=25), dry_run=True).uploads == 1
    assert clean_files(now=datetime.now(UTC), dry_run=True).uploads == 0


def test_the_jobs_do_it_too_and_say_that_they_ran(task, media):
    left_behind(task, hours=25)
    jobs.clean_files()
    assert Attachment.objects.count() == 0
    assert Heartbeat.objects.filter(name="tasks.clean_files").exists()

    attach(task)
    Attachment.objects.update(state=AttachmentState.DELETING, task=None, project=None)
    jobs.remove_files()
    assert (Attachment.objects.count(), files.stored(media)) == (0, [])

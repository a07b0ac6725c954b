"""Where the bytes lie: a full disk, the file system's rights, and a storage that is no file system."""

from __future__ import annotations

import errno
import os
import shutil
import subprocess
from datetime import timedelta

import pytest
from django.core.files.storage import default_storage
from django.utils import timezone

from apps.projects.models import Activity
from apps.tasks.attachments import storage
from apps.tasks.attachments.services import clean_files, remove_deleted
from apps.tasks.attachments.tests import files
from apps.tasks.attachments.tests.attachment_helpers import attach
from apps.tasks.models import Attachment


def send(client, task, content: bytes = files.TEXT):
    place = f"/api/tasks/{task.pk}/attachments/"
    return client.post(place, {"file": files.upload(content=content)}, format="multipart")


@pytest.fixture
def small_disk(media):
    """Mount a file system of one megabyte as the storage's folder."""
    if os.geteuid() != 0 or shutil.which("mount") is None:
        pytest.skip("only root may mount a small file system")
    media.mkdir(parents=True)
    made = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", media], capture_output=True, text=True)
    if made.returncode:
        pytest.skip(f"a small file system cannot be mounted here: {made.stderr.strip()}")
    yield media
    subprocess.run(["umount", "--lazy", media], check=True)


def test_a_full_disk_is_a_507_and_leaves_nothing(api, member, task, project, small_disk):
    filler = small_disk / "filler"
    filler.write_bytes(bytes(700_000))

    response = send(api(member), task, b"a" * 400_000)

    assert (response.status_code, response.json()["code"]) == (507, "insufficient_storage")
    assert (Attachment.objects.count(), files.stored(small_disk)) == (0, ["filler"])
    project.refresh_from_db()
    assert project.attachment_bytes == 0
    filler.unlink()
    assert send(api(member), task, b"a" * 400_000).status_code == 201
    print("full disk: 507, rows left 0, files left 0; with room again: 201")


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT], ids=["no space", "quota of the disk"])
@pytest.mark.parametrize("step", ["open", "fsync", "rename"])
def test_a_disk_that_fills_up_at_any_step_is_a_507(api, member, task, media, monkeypatch, step, number):
    real = {"open": os.open, "fsync": os.fsync, "rename": os.rename}[step]

    def full(*args, **kwargs):
        if step == "open" and not str(args[0]).endswith(".part"):
            return real(*args, **kwargs)
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, step, full)
    response = send(api(member), task)
    monkeypatch.undo()

    assert (response.status_code, response.json()["code"]) == (507, "insufficient_storage")
    assert (Attachment.objects.count(), files.stored(media)) == (0, [])


def test_another_fault_of_the_disk_is_no_507(api, member, task, media, monkeypatch):
    def broken(*args):
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(os, "fsync", broken)
    with pytest.raises(OSError, match="Input/output error"):
        send(api(member), task)
    monkeypatch.undo()

    assert (Attachment.objects.count(), files.stored(media)) == (0, [])


def test_the_proxy_may_read_what_it_is_to_send_and_nobody_may_run_it(task, media):
    attachment = attach(task)

    assert (media / attachment.storage_name).stat().st_mode & 0o777 == 0o644


def test_names_are_random_and_long_enough():
    names = {storage.new_name() for _ in range(1_000)}

    assert len(names) == 1_000
    assert all(len(name.rsplit("/", 1)[1]) == 32 for name in names)


@pytest.fixture
def object_store(settings):
    """Put files into a storage without paths, as an object store is one."""
    settings.STORAGES = settings.STORAGES | {"default": {"BACKEND": "django.core.files.storage.InMemoryStorage"}}
    return default_storage


def held() -> list[str]:
    """Return the last part of every attachment's name in the object store."""
    shards = default_storage.listdir("attachments")[0]
    return [name for shard in shards for name in default_storage.listdir(f"attachments/{shard}")[1]]


def test_an_object_store_does_as_well(api, member, viewer, task, media, object_store, settings):
    response = send(api(member), task)

    attachment = Attachment.objects.get()
    assert (response.status_code, response.json()["size"]) == (201, len(files.TEXT))
    assert held() == [attachment.storage_name.rsplit("/", 1)[1]]
    place = f"/api/tasks/{task.pk}/attachments/{attachment.pk}/"
    settings.X_ACCEL_REDIRECT = True  # a proxy could not find the file
    answer = api(viewer).get(place + "download/")
    assert b"".join(answer.streaming_content) == files.TEXT
    assert answer["Content-Length"] == str(len(files.TEXT))
    assert api(member).delete(place).status_code == 204
    assert remove_deleted() == 1
    assert (held(), files.stored(media)) == ([], [])


def test_a_rejected_file_never_reaches_the_object_store(api, member, task, object_store, tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))

    assert send(api(member), task, b"<html>").status_code == 400

    assert not default_storage.exists("attachments")
    assert files.stored(tmp_path) == []


def test_the_clean_up_finds_strays_in_an_object_store(api, member, task, object_store):
    send(api(member), task)
    (kept,) = held()
    with default_storage.open("attachments/ab/stray", "wb") as stray:
        stray.write(b"who am I")
    later = timezone.now() + timedelta(hours=49)

    assert clean_files(now=timezone.now()).strays == ()
    assert clean_files(now=later).strays == ("attachments/ab/stray",)
    assert held() == [kept]
    assert not Activity.objects.filter(verb="attachments_expired").exists()

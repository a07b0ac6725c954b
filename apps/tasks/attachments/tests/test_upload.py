"""POST tasks/{id}/attachments/: taking a file in."""

from __future__ import annotations

import hashlib
from datetime import timedelta

import pytest
from django.db import OperationalError, connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from apps.common.models import IdempotencyRecord
from apps.notifications.models import Notification
from apps.projects.models import Activity, Membership
from apps.tasks.attachments import storage
from apps.tasks.attachments.services import Upload, clean_files
from apps.tasks.attachments.tests import files
from apps.tasks.attachments.tests.attachment_helpers import send, url
from apps.tasks.models import Attachment, AttachmentState

BOUNDARY = "frame"


def send_raw(client, task, body: bytes, content_type: str = f"multipart/form-data; boundary={BOUNDARY}", **extra):
    return client.generic("POST", url(task), body, content_type=content_type, **extra)


def part(name: str = "file", filename: str | None = "notes.txt", content: bytes = files.TEXT) -> bytes:
    named = f'; filename="{filename}"' if filename is not None else ""
    return f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"{named}\r\n\r\n'.encode() + content + b"\r\n"


CLOSE = f"--{BOUNDARY}--\r\n".encode()


@pytest.fixture
def nothing_left(task, project, media):
    """Return a check that neither row nor file nor count nor history is left of an upload."""

    def check() -> None:
        task.refresh_from_db()
        project.refresh_from_db()
        assert Attachment.objects.count() == 0
        assert files.stored(media) == []
        assert (task.attachments_count, project.attachment_bytes) == (0, 0)
        assert not Activity.objects.filter(verb="attachment_added").exists()
        assert not IdempotencyRecord.objects.exists()

    return check


def test_a_member_attaches_a_file(api, member, task, project, media):
    response = send(api(member), task)

    body = response.json()
    assert response.status_code == 201
    assert body == {
        "id": body["id"],
        "name": "notes.txt",
        "size": len(files.TEXT),
        "content_type": "text/plain",
        "sha256": hashlib.sha256(files.TEXT).hexdigest(),
        "uploaded_by": {"id": member.pk, "username": "member", "nickname": "", "avatar": None},
        "uploaded_at": body["uploaded_at"],
        "url": f"http://testserver/api/tasks/{task.pk}/attachments/{body['id']}/download/",
    }
    assert body["uploaded_at"].endswith("Z")
    attachment = Attachment.objects.get()
    assert attachment.state == AttachmentState.READY
    assert files.stored(media) == [attachment.storage_name]
    assert (media / attachment.storage_name).read_bytes() == files.TEXT
    task.refresh_from_db()
    project.refresh_from_db()
    assert (task.attachments_count, task.version) == (1, 1)
    assert project.attachment_bytes == len(files.TEXT)


def test_the_history_says_who_attached_what_and_nobody_gets_mail(api, member, task):
    send(api(member), task)

    entry = Activity.objects.get(verb="attachment_added")
    assert (entry.actor_id, entry.task_id, entry.task_key) == (member.pk, task.pk, "WEB-1")
    assert entry.changes == {"attachments": {"from": None, "to": "notes.txt"}}
    assert not Notification.objects.exists()


def test_a_file_lies_under_a_random_name_outside_the_public_folders(api, member, task, media):
    send(api(member), task, files.upload("plan.pdf", files.PDF))

    (name,) = files.stored(media)
    assert name.startswith("attachments/")
    assert "plan" not in name
    assert len(name.rsplit("/", 1)[1]) == 32


@pytest.mark.parametrize(
    ("who", "status"),
    [("owner", 201), ("admin", 201), ("member", 201), ("viewer", 403), ("outsider", 404), ("staff", 404)],
)
def test_each_role_gets_its_answer(request, api, task, who, status):
    response = send(api(request.getfixturevalue(who)), task)

    assert response.status_code == status
    assert Attachment.objects.count() == (status == 201)


def test_without_a_token_it_is_a_401(api, task):
    response = send(api(), task)

    assert response.status_code == 401
    assert response["WWW-Authenticate"].startswith("Bearer")


@pytest.mark.parametrize(("who", "status"), [(None, 401), ("outsider", 404), ("viewer", 403)])
def test_who_may_not_is_rejected_before_the_body_is_read(request, api, task, who, status, nothing_left):
    user = request.getfixturevalue(who) if who else None

    response = send_raw(api(user), task, b"never looked at", content_type="text/html")

    assert response.status_code == status
    nothing_left()


def test_a_task_that_does_not_exist_is_a_404(api, member, task):
    task.pk = 10**17

    assert send(api(member), task).status_code == 404


BODIES = {
    "no file": (part("file", None, b"text") + CLOSE, 400, "/file", "invalid"),
    "no parts": (CLOSE, 400, "/file", "required"),
    "file without a name": (part("file", "") + CLOSE, 400, "/file", "invalid"),
    "name of dots": (part("file", "..") + CLOSE, 400, "/file", "no_name"),
    "name of nothing visible": (part("file", "\u202e\u200d\x01%0A") + CLOSE, 400, "/file", "no_name"),
    "name of blanks": (part("file", " . ") + CLOSE, 400, "/file", "no_name"),
    "file in another field": (part("document") + CLOSE, 400, "/document", "unknown_field"),
    "unknown field after the file": (part() + part("title", None, b"x") + CLOSE, 400, "/title", "unknown_field"),
    "unknown field before the file": (part("title", None, b"x") + part() + CLOSE, 400, "/title", "unknown_field"),
    "two files": (part() + part() + CLOSE, 400, "/file", "one_file"),
    "text beside the file": (part("file", None, b"x") + part() + CLOSE, 400, "/file", "one_file"),
    "empty file": (part(content=b"") + CLOSE, 400, "/file", "empty"),
}


@pytest.mark.parametrize("body", BODIES)
def test_a_body_that_is_not_exactly_one_file_is_rejected(api, member, task, nothing_left, body):
    raw, status, pointer, code = BODIES[body]

    response = send_raw(api(member), task, raw)

    error = response.json()["errors"][0]
    assert (response.status_code, error["pointer"], error["code"]) == (status, pointer, code)
    nothing_left()


BROKEN = {
    "no closing boundary": part(),
    "cut inside the file": part()[:-10],
    "cut inside the headers": part()[:40],
    "cut inside the closing boundary": part() + CLOSE[:5],
    "bad base64": part().replace(b"\r\n\r\n", b"\r\nContent-Transfer-Encoding: base64\r\n\r\n!", 1) + CLOSE,
    "headers without end": b"--frame\r\n" + b"X: y\r\n" * 20_000 + part() + CLOSE,
    "a thousand fields": b"".join(part(f"f{n}", None, b"") for n in range(1_100)) + part() + CLOSE,
}


@pytest.mark.parametrize("body", BROKEN)
def test_a_broken_body_is_a_400(api, member, task, nothing_left, body):
    response = send_raw(api(member), task, BROKEN[body])

    assert response.status_code == 400
    nothing_left()


@pytest.mark.parametrize(
    "content_type", ["application/json", "text/plain", "application/x-www-form-urlencoded", "image/png", ""]
)
def test_a_body_that_is_not_multipart_is_a_415(api, member, task, nothing_left, content_type):
    response = send_raw(api(member), task, b"{}", content_type=content_type)

    assert response.status_code == 415
    nothing_left()


@pytest.mark.parametrize("content_type", ["", "bytes=0-", '"1", "2", *', "text/plain", "application/json"])
def test_a_request_without_a_body_is_rejected(api, member, task, nothing_left, content_type):
    assert send_raw(api(member), task, b"", content_type=content_type).status_code in {400, 415}
    nothing_left()


@pytest.mark.parametrize("content_type", ["multipart/form-data", "multipart/form-data; boundary=b\x01d"])
def test_multipart_without_a_usable_boundary_is_a_400(api, member, task, nothing_left, content_type):
    assert send_raw(api(member), task, part() + CLOSE, content_type=content_type).status_code == 400
    nothing_left()


def test_a_file_of_exactly_the_limit_is_taken_and_one_byte_more_is_not(api, member, task, settings):
    settings.ATTACHMENT_MAX_BYTES = 1_000

    assert send(api(member), task, files.upload(content=b"a" * 1_000)).status_code == 201
    response = send(api(member), task, files.upload(content=b"a" * 1_001))

    assert (response.status_code, response.json()["code"]) == (413, "payload_too_large")
    assert Attachment.objects.count() == 1


def test_a_body_that_says_it_is_too_large_is_rejected_unread(api, member, task, nothing_left, settings):
    settings.ATTACHMENT_MAX_BYTES = 1_000

    response = send_raw(api(member), task, part() + CLOSE, CONTENT_LENGTH="1000000")

    assert response.status_code == 413
    nothing_left()


def test_an_archived_project_takes_no_files(api, member, task, project, nothing_left):
    project.archived_at = timezone.now()
    project.save()

    response = send(api(member), task)

    assert (response.status_code, response.json()["code"]) == (409, "project_archived")
    nothing_left()


def test_an_archived_task_takes_no_files(api, member, task, nothing_left):
    task.archived_at = timezone.now()
    task.save()

    response = send(api(member), task)

    assert (response.status_code, response.json()["code"]) == (409, "task_archived")
    nothing_left()


def test_a_bad_file_for_an_archived_project_is_a_400(api, member, task, project):
    project.archived_at = timezone.now()
    project.save()

    assert send(api(member), task, files.upload("page.html", b"<html>")).status_code == 400


def test_the_quota_of_a_project_is_kept_to_the_byte(api, member, task, project, settings):
    settings.PROJECT_QUOTA_BYTES = 2 * len(files.TEXT)

    answers = [send(api(member), task) for _ in range(3)]

    project.refresh_from_db()
    assert [answer.status_code for answer in answers] == [201, 201, 409]
    assert answers[2].json()["code"] == "quota_exceeded"
    assert project.attachment_bytes == 2 * len(files.TEXT)
    assert Attachment.objects.count() == 2


def test_too_little_free_disk_is_a_507_before_anything_is_written(api, member, task, nothing_left, settings):
    settings.DISK_RESERVE_BYTES = 2**62

    response = send(api(member), task)

    assert (response.status_code, response.json()["code"]) == (507, "insufficient_storage")
    nothing_left()


def test_who_is_removed_while_uploading_gets_a_404_and_leaves_nothing(
    api, member, task, project, nothing_left, monkeypatch
):
    place = storage.IncomingFile.place

    def place_while_removed(incoming):
        place(incoming)
        Membership.objects.filter(user=member).delete()

    monkeypatch.setattr(storage.IncomingFile, "place", place_while_removed)

    assert send(api(member), task).status_code == 404
    nothing_left()


def test_a_task_deleted_during_an_upload_leaves_nothing(api, member, owner, task, project, media, monkeypatch):
    place = storage.IncomingFile.place

    def place_while_deleted(incoming):
        place(incoming)
        assert api(owner).delete(f"/api/tasks/{task.pk}/").status_code == 204

    monkeypatch.setattr(storage.IncomingFile, "place", place_while_deleted)

    assert send(api(member), task).status_code == 404
    assert (Attachment.objects.count(), files.stored(media)) == (0, [])
    project.refresh_from_db()
    assert project.attachment_bytes == 0


def test_what_cannot_be_removed_at_once_is_left_to_the_clean_up(api, member, task, monkeypatch, caplog):
    def reject(name):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(storage, "remove", reject)

    response = send(api(member), task, files.upload("page.html", b"<html>"))

    assert response.status_code == 400  # the client is notified what it did wrong, not what we could not do
    assert Attachment.objects.deleting().count() == 1
    assert "is left to the clean-up" in caplog.text


@pytest.mark.django_db(transaction=True)
def test_an_upload_that_the_clean_up_has_given_up_is_a_404(api, member, task, nothing_left, monkeypatch):
    place = storage.IncomingFile.place

    def place_much_later(incoming):
        place(incoming)
        Attachment.objects.uploading().update(created_at=timezone.now() - timedelta(hours=25))
        clean_files()

    monkeypatch.setattr(storage.IncomingFile, "place", place_much_later)

    assert send(api(member), task).status_code == 404
    nothing_left()


def test_when_the_answer_to_the_commit_is_lost_the_file_stays(api, member, task, media, monkeypatch):
    def lose(self):
        raise OperationalError("server closed the connection unexpectedly")

    monkeypatch.setattr(Upload, "settle", lose)

    assert send(api(member), task).status_code == 503
    attachment = Attachment.objects.ready().get()
    assert files.stored(media) == [attachment.storage_name]


@pytest.mark.django_db(transaction=True)
def test_an_unexpected_failure_leaves_nothing(api, member, task, nothing_left, monkeypatch):
    def fail(*args, **kwargs):
        raise ZeroDivisionError

    monkeypatch.setattr("apps.tasks.attachments.services.uploading.record_event", fail)

    with pytest.raises(ZeroDivisionError):
        send(api(member), task)

    nothing_left()


def test_uploads_are_limited(api, member, task, settings):
    settings.THROTTLE_RATES = settings.THROTTLE_RATES | {"upload": "2/60"}

    answers = [send(api(member), task) for _ in range(3)]

    assert [answer.status_code for answer in answers] == [201, 201, 429]
    assert int(answers[2]["Retry-After"]) > 0


def test_the_number_of_queries_does_not_grow_with_the_files_there_are(api, member, task):
    client = api(member)
    send(client, task)
    with CaptureQueriesContext(connection) as few:
        send(client, task)
    for _ in range(5):
        send(client, task)
    with CaptureQueriesContext(connection) as many:
        send(client, task)

    assert len(many) == len(few)


def test_the_answer_is_what_is_read_afterwards_and_was_not_read_for_it(api, owner, task):
    client = api(owner)
    send(client, task)  # what is compiled once

    with CaptureQueriesContext(connection) as queries:
        answer = send(client, task)

    statements = [query["sql"] for query in queries if not query["sql"].startswith(("SAVEPOINT", "RELEASE"))]
    # Session, task; lock and roles, the row; lock and roles, the quota, the file with the count, the event
    assert len(statements) == 2 + 3 + 5, statements
    assert answer.json() == client.get(f"{url(task)}{answer.json()['id']}/").json()

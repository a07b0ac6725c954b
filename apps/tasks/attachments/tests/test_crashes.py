"""kill -9 at every step of an upload and of a deletion: all recover, nothing is lost."""

from __future__ import annotations

import time

import pytest

from apps.common.faults import POINTS
from apps.common.tests.crash import dies_at
from apps.tasks.attachments.services import clean_files, remove_deleted
from apps.tasks.attachments.tests import files
from apps.tasks.attachments.tests.attachment_helpers import attach, days_pass, lost_or_miscounted
from apps.tasks.models import Attachment

pytestmark = pytest.mark.django_db(transaction=True)

UPLOAD_POINTS = sorted(point for point in POINTS if point.startswith("upload."))
DELETE_POINTS = sorted(point for point in POINTS if point.startswith("delete."))
CONTENT = b"A line that is long enough to come in several pieces.\n" * 12_000


def send(client, task):
    place = f"/api/tasks/{task.pk}/attachments/"
    return client.post(
        place, {"file": files.upload(content=CONTENT)}, format="multipart", headers={"Idempotency-Key": "k"}
    )


def retried(act):
    """Return the answer of `act` once the dead process's connection has let go of its lock."""
    for _ in range(50):
        response = act()
        if response.status_code != 409:
            return response
        time.sleep(0.1)
    raise AssertionError(response.json())


def test_there_are_points_at_every_step():
    assert len(UPLOAD_POINTS) == 7
    assert len(DELETE_POINTS) == 5


@pytest.mark.parametrize("point", UPLOAD_POINTS)
def test_an_upload_that_is_killed_leaves_nothing_half_done_and_can_be_repeated(api, member, task, media, point):
    client = api(member)

    assert dies_at(point, lambda: send(client, task))

    is_done = point == "upload.committed"
    assert Attachment.objects.ready().count() == is_done  # a half file is never shown
    assert lost_or_miscounted(media) == []
    response = retried(lambda: send(client, task))
    assert response.status_code == 201
    assert response.headers.get("Idempotency-Replayed") == ("true" if is_done else None)
    days_pass(media)
    clean_files()
    attachment = Attachment.objects.get()
    assert files.stored(media) == [attachment.storage_name]
    assert (media / attachment.storage_name).read_bytes() == CONTENT
    assert lost_or_miscounted(media) == []
    print(f"killed at {point}: recovered, lost 0, half files 0")


ACTS = {
    "file": lambda attachment: f"/api/tasks/{attachment.task_id}/attachments/{attachment.pk}/",
    "task": lambda attachment: f"/api/tasks/{attachment.task_id}/",
    "project": lambda attachment: f"/api/projects/{attachment.project_id}/",
}


# The point before the commit stands in the deletion of a single file alone.
CASES = [(what, point) for what in ACTS for point in DELETE_POINTS if what == "file" or point != "delete.before_commit"]


@pytest.mark.parametrize(("what", "point"), CASES)
def test_a_deletion_that_is_killed_is_undone_or_goes_on(api, owner, task, media, point, what, settings):
    settings.TRASH_DAYS = 0
    attachment = attach(task)
    client, place = api(owner), ACTS[what](attachment)

    def delete_and_clean() -> None:
        assert client.delete(place).status_code == 204
        remove_deleted()

    assert dies_at(point, delete_and_clean)

    assert lost_or_miscounted(media) == []  # while the row says ready, the file is there
    answer = client.delete(place).status_code
    undone = point in {"delete.row_marked", "delete.before_commit"}
    assert answer == (204 if undone else 404)
    remove_deleted()
    assert (Attachment.objects.count(), files.stored(media)) == (0, [])
    assert lost_or_miscounted(media) == []
    print(f"killed at {point} while the {what} was deleted: recovered, lost 0, left over 0")

"""Notifications and the trash."""

from __future__ import annotations

import pytest

from apps.notifications.models import Notification
from apps.notifications.services import notify
from apps.projects.models import TrashEntry
from apps.projects.services import create_project, delete_project
from apps.tasks.messages import TaskAssigned
from apps.tasks.services import delete_task
from apps.web.tests.browser import Browser

pytestmark = pytest.mark.django_db


@pytest.fixture
def mara(owner):
    return Browser(owner)


@pytest.fixture
def row(owner, task, member):
    notify(
        TaskAssigned,
        recipient_ids=[owner.pk],
        actor_id=member.pk,
        dedupe="x",
        project_id=task.project_id,
        task_id=task.pk,
    )
    return Notification.objects.get(recipient=owner)


def test_a_notification_is_read_and_unread_again(mara, row, task):
    mara.open("/notifications/")
    assert f"/tasks/{task.pk}/" in mara.links()
    mara.send(f"/notifications/{row.pk}/read/")
    mara.follow()
    row.refresh_from_db()
    assert row.read_at
    mara.open("/notifications/?unread=true")
    assert "All is read" in mara.text
    mara.open("/notifications/")

    mara.send(f"/notifications/{row.pk}/unread/")

    row.refresh_from_db()
    assert row.read_at is None


def test_all_are_read_at_once(mara, row):
    mara.open("/notifications/")

    mara.send("/notifications/read-all/")

    assert "1 marked as read" in mara.follow().content.decode()


def test_somebody_elses_notification_is_not_there(row, outsider):
    browser = Browser(outsider)
    browser.open("/notifications/")

    assert browser.post(f"/notifications/{row.pk}/read/").status_code == 404


def test_a_trashed_task_stands_in_the_trash_and_comes_back(mara, task, owner):
    entry = delete_task(actor=owner, task=task)
    mara.open("/trash/")
    assert "Fix the login page" in mara.text

    mara.send(f"/trash/{entry.pk}/restore/")

    assert mara.response["Location"] == f"/tasks/{task.pk}/"


def test_an_entry_is_purged_for_good(mara, task, owner):
    entry = delete_task(actor=owner, task=task)
    mara.open("/trash/")

    mara.send(f"/trash/{entry.pk}/purge/")

    assert not TrashEntry.objects.exists()
    assert "The trash is empty" in mara.follow().content.decode()
    assert mara.post(f"/trash/{entry.pk}/restore/").status_code == 404


def test_the_trash_of_a_project_is_emptied_by_its_admins(mara, task, project, owner, member, outsider):
    """TR11."""
    delete_task(actor=owner, task=task)
    mara.open("/trash/")
    assert mara.send("/trash/empty/").status_code == 422
    assert "Choose the project" in mara.text
    for person, status in ((outsider, 422), (member, 403)):
        other = Browser(person)
        other.open("/trash/")
        assert "Empty the trash" not in other.text
        assert other.post("/trash/empty/", project=project.pk).status_code == status
    assert TrashEntry.objects.exists()

    mara.open("/trash/")
    assert mara.send("/trash/empty/", project=project.pk).status_code == 303

    assert not TrashEntry.objects.exists()


def test_a_key_that_is_taken_by_now_is_said_with_another_one(mara, project, owner):
    entry = delete_project(actor=owner, project_id=project.pk)
    create_project(actor=owner, name="Other", key="WEB")
    mara.open("/trash/?type=project")

    assert mara.send(f"/trash/{entry.pk}/restore/").status_code == 409
    suggested = mara.page.xpath("//input[@name='key']/@value")[0]
    mara.send(f"/trash/{entry.pk}/restore/", key=suggested)

    project.refresh_from_db()
    assert (mara.response.status_code, project.key, project.trash_id) == (303, suggested, None)

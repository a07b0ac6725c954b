"""Attachments in the admin: to look at, with actions."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from apps.projects.models import Activity
from apps.tasks.attachments.tests import files
from apps.tasks.attachments.tests.attachment_helpers import attach
from apps.tasks.models import Attachment
from apps.users.tests.factories import UserFactory

LIST = "/admin/tasks/attachment/"


@pytest.fixture
def site(client, db):
    client.force_login(UserFactory(username="root", is_staff=True, is_superuser=True))
    return client


def act(site, action: str, *chosen: Attachment):
    return site.post(LIST, {"action": action, "_selected_action": [row.pk for row in chosen]}, follow=True)


def test_the_list_can_be_searched_and_filtered_without_more_queries_per_row(site, task):
    attach(task, name="plan.txt")
    site.get(LIST)
    with CaptureQueriesContext(connection) as few:
        site.get(LIST)
    for _ in range(5):
        attach(task)
    with CaptureQueriesContext(connection) as many:
        page = site.get(LIST)

    assert len(many) == len(few)
    assert page.content.count(b"notes.txt") >= 5
    found = site.get(LIST, {"q": "plan", "state__exact": "ready"})
    assert b"plan.txt" in found.content
    assert b"notes.txt" not in found.content


def test_nothing_is_added_changed_or_deleted_by_hand(site, task):
    attachment = attach(task)

    assert site.get(f"{LIST}add/").status_code == 403
    assert site.post(f"{LIST}{attachment.pk}/delete/", {"post": "yes"}).status_code == 403
    assert site.post(f"{LIST}{attachment.pk}/change/", {"name": "x"}).status_code == 403
    assert site.get(f"{LIST}{attachment.pk}/change/").status_code == 200


def test_files_are_deleted_by_the_service(site, task, project, media):
    attachment = attach(task)

    page = act(site, "delete_files", attachment)

    assert b"1 deleted." in page.content
    project.refresh_from_db()
    assert project.attachment_bytes == 0
    assert Activity.objects.get(verb="attachment_deleted").actor.username == "root"
    page = act(site, "remove_bytes", attachment)
    assert b"1 removed." in page.content
    assert (Attachment.objects.count(), files.stored(media)) == (0, [])


def test_what_the_service_rejects_is_a_message(site, task, project):
    attachment = attach(task)
    project.archived_at = timezone.now()
    project.save(update_fields=["archived_at"])

    page = act(site, "delete_files", attachment)

    assert b"read-only" in page.content
    assert Attachment.objects.ready().exists()

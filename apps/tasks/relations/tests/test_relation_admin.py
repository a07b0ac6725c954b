"""Relations in the admin: to look at (contract O5)."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.common.tests.admin_browser import save_form
from apps.projects.models import Project
from apps.tasks.models import Relation
from apps.tasks.relations.tests.relation_helpers import relate
from apps.tasks.tests.factories import TaskFactory
from apps.users.tests.factories import UserFactory

LIST = "/admin/tasks/relation/"


@pytest.fixture
def site(client, db):
    client.force_login(UserFactory(username="root", is_staff=True, is_superuser=True))
    return client


def test_o5_the_list_can_be_searched_and_filtered_without_more_queries_per_row(site, owner, task, second, far):
    relate(task, "blocks", second)
    site.get(LIST)
    with CaptureQueriesContext(connection) as few:
        site.get(LIST)
    for _ in range(5):
        relate(task, "relates", TaskFactory(project=far.project), actor=owner)
    with CaptureQueriesContext(connection) as many:
        page = site.get(LIST)

    assert len(many) == len(few)
    assert page.content.count(b"Operations") >= 5
    for query in ({"q": str(second.pk)}, {"kind__exact": "blocks"}):
        found = site.get(LIST, query).content
        assert second.title.encode() in found
    assert b"Operations" not in site.get(LIST, {"kind__exact": "blocks"}).content
    assert b"Write the test" in site.get(LIST, {"q": "owner"}).content


def test_o5_nothing_is_added_changed_or_deleted_by_hand(site, task, second):
    relation = relate(task, "blocks", second)

    assert site.get(f"{LIST}add/").status_code == 403
    assert site.post(f"{LIST}{relation.pk}/delete/", {"post": "yes"}).status_code == 403
    assert site.post(f"{LIST}{relation.pk}/change/", {"kind": "relates"}).status_code == 403
    assert site.get(f"{LIST}{relation.pk}/change/").status_code == 200
    assert Relation.objects.get().kind == "blocks"


def test_administrators_set_what_a_project_does_with_blocked_tasks(site, project):
    save_form(site, f"/admin/projects/project/{project.pk}/change/", blocked_done="reject")

    assert Project.objects.get(pk=project.pk).blocked_done == "reject"

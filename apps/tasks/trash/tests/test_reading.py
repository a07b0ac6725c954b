"""GET /api/trash/ and /api/trash/{id}/."""

from __future__ import annotations

import pytest

from apps.projects.models import Membership, Project, TrashEntry
from apps.projects.tests.factories import ProjectFactory
from apps.tasks.tests.factories import TaskFactory

pytestmark = pytest.mark.django_db
LIST = "/api/trash/"


def delete(client, task):
    assert client.delete(f"/api/tasks/{task.pk}/").status_code == 204
    return TrashEntry.objects.order_by("-pk")[0]


def test_an_entry_says_what_was_deleted_by_whom_and_until_when(api, project, owner, task):
    entry = delete(api(owner), task)

    [row] = api(owner).get(LIST).json()["results"]

    assert row["root"] == {"id": task.pk, "key": "WEB-1", "title": "Fix the login page"}
    assert row["project"] == {"id": project.pk, "key": "WEB", "name": "Website"}
    assert row["deleted_by"]["username"] == "owner"
    assert (row["type"], row["origin"], row["batch_id"]) == ("task", "api", str(entry.batch_id))
    detail = api(owner).get(f"{LIST}{entry.pk}/").json()
    assert detail == row | {"tasks": [{"id": task.pk, "key": "WEB-1", "title": "Fix the login page", "depth": 0}]}


def test_the_list_has_what_the_caller_may_restore(api, project, owner, admin, member, viewer, outsider):
    theirs, made, others = (
        TaskFactory(project=project, created_by=member),
        TaskFactory(project=project),
        TaskFactory(project=project),
    )
    delete(api(member), theirs)
    delete(api(owner), made)
    delete(api(admin), others)
    by_member = TaskFactory(project=project, created_by=member)
    delete(api(admin), by_member)
    keys = lambda person: {row["root"]["id"] for row in api(person).get(LIST).json()["results"]}  # noqa: E731

    assert keys(owner) == keys(admin) == {theirs.pk, made.pk, others.pk, by_member.pk}
    assert keys(member) == {theirs.pk, by_member.pk}
    assert keys(viewer) == keys(outsider) == set()


@pytest.mark.parametrize(
    ("who", "status"),
    [("owner", 200), ("admin", 200), ("member", 403), ("viewer", 403), ("outsider", 404), ("staff", 404)],
)
def test_a_detail_is_for_those_who_may_restore(api, task, request, who, status):
    person = request.getfixturevalue(who)
    entry = delete(api(task.project.owner), task)

    assert api(person).get(f"{LIST}{entry.pk}/").status_code == status


def test_filters_and_orders(api, project, owner, task):
    other = ProjectFactory(owner=owner, name="Other", key="OTH")
    first, second = delete(api(owner), task), delete(api(owner), TaskFactory(project=other))
    api(owner).delete(f"/api/projects/{other.pk}/")
    client = api(owner)
    ids = lambda query: [row["id"] for row in client.get(LIST + query).json()["results"]]  # noqa: E731
    third = TrashEntry.objects.get(type="project")

    assert ids("") == [third.pk, first.pk]  # the second is in a project that is in the trash itself
    assert ids("?type=task") == [first.pk]
    assert ids(f"?project={other.pk}") == [third.pk]
    assert ids("?ordering=deleted_at") == [first.pk, third.pk]
    assert ids("?ordering=-purge_at") == [third.pk, first.pk]
    assert client.get(f"{LIST}{second.pk}/").json()["trash_id"] == third.pk
    assert client.get(LIST + "?project=x").status_code == 400
    assert client.get(LIST + "?type=x").status_code == 400
    assert client.get(LIST + "?ordering=title").status_code == 400


def test_the_number_of_queries_does_not_grow(api, project, owner, django_assert_num_queries):
    client = api(owner)
    for _ in range(5):
        delete(client, TaskFactory(project=project))

    with django_assert_num_queries(2):  # the caller, the page
        assert len(client.get(LIST).json()["results"]) == 5


def test_a_former_member_sees_nothing(api, project, owner, admin, task):
    entry = delete(api(owner), task)
    Membership.objects.filter(user=admin).delete()

    assert api(admin).get(f"{LIST}{entry.pk}/").status_code == 404
    assert Project.objects.filter(pk=project.pk).exists()

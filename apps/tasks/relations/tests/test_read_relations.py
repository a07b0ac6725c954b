"""GET /api/tasks/{id}/relations/, and what a task shows of its relations."""

from __future__ import annotations

import pytest

from apps.projects.roles import Role
from apps.projects.tests.cast import answers
from apps.projects.tests.factories import MembershipFactory
from apps.tasks.models import Task
from apps.tasks.relations.tests.relation_helpers import archive, listed, relate, trash_project, url
from apps.tasks.services import archive_task, delete_task, unarchive_task
from apps.tasks.tests.factories import TaskFactory
from apps.tasks.trash.services import restore_entry

pytestmark = pytest.mark.django_db


@answers(owner=200, admin=200, member=200, commenter=200, viewer=200)
def test_whoever_sees_the_task_reads_its_relations(api, request, task, second, who, status):
    relate(task, "blocks", second)

    assert api(request.getfixturevalue(who)).get(url(task)).status_code == status


def test_a_relation_shows_the_other_task_and_who_made_it(api, viewer, task, second):
    relation = relate(task, "blocked_by", second)
    by = task.project.owner

    assert listed(api(viewer), task) == [
        {
            "id": relation.pk,
            "kind": "blocked_by",
            "task": {
                "visible": True,
                "id": second.pk,
                "key": "WEB-2",
                "title": "Write the test",
                "status": "todo",
                "project": task.project_id,
            },
            "created_by": {"id": by.pk, "username": "owner", "nickname": by.nickname, "avatar": None},
            "created_at": relation.created_at.isoformat().replace("+00:00", "Z"),
        }
    ]


def test_property_3_de4_a_far_end_that_is_not_visible_shows_nothing_but_that(api, owner, member, task, far):
    relation = relate(task, "blocks", far, actor=owner)

    [row] = listed(api(member), task)

    assert (row["kind"], row["task"], row["created_by"]) == ("blocks", {"visible": False}, None)
    assert set(row) == {"id", "kind", "task", "created_by", "created_at"}
    [seen] = listed(api(owner), task)
    assert (seen["id"], seen["task"]["title"]) == (relation.pk, "Renew the certificate")


def test_de4_it_shows_again_when_the_caller_becomes_a_member(api, owner, member, task, far):
    relate(task, "blocks", far, actor=owner)
    membership = MembershipFactory(project=far.project, user=member, role=Role.VIEWER)

    assert listed(api(member), task)[0]["task"]["key"] == far.key
    membership.delete()
    assert listed(api(member), task)[0]["task"] == {"visible": False}


@pytest.mark.parametrize("is_far", [True, False])
def test_de4_a_relation_to_an_archived_task_is_left_out_and_comes_back(api, owner, member, task, second, far, is_far):
    other = far if is_far else second
    relate(task, "blocked_by", other, actor=owner)
    archive_task(actor=owner, task=other)

    for person in (owner, member):
        assert listed(api(person), task) == []
        assert api(person).get(f"/api/tasks/{task.pk}/").json()["relations_count"] == 0
    assert len(listed(api(owner), other)) == 1  # the archived end still lists it

    unarchive_task(actor=owner, task=other)
    assert len(listed(api(owner), task)) == len(listed(api(member), task)) == 1


@pytest.mark.parametrize("is_far", [True, False])
def test_de4_a_relation_to_a_task_in_the_trash_is_left_out_and_comes_back(
    api, owner, member, task, second, far, is_far
):
    other = far if is_far else second
    relate(task, "relates", other, actor=owner)
    entry = delete_task(actor=owner, task=other)

    assert listed(api(owner), task) == listed(api(member), task) == []
    assert api(owner).get(url(other)).json()["code"] == "in_trash"

    restore_entry(actor=owner, entry=entry)
    assert len(listed(api(owner), task)) == len(listed(api(member), task)) == 1


def test_de4_a_relation_into_a_project_in_the_trash_is_left_out(api, owner, member, task, far):
    relate(task, "blocked_by", far, actor=owner)
    trash_project(far.project)

    assert listed(api(owner), task) == listed(api(member), task) == []


def test_de3_a_relation_into_an_archived_project_stays_listed(api, owner, member, task, far):
    relate(task, "blocked_by", far, actor=owner)
    archive(far.project)

    assert listed(api(owner), task)[0]["task"]["key"] == far.key
    assert listed(api(member), task)[0]["task"] == {"visible": False}


def test_relations_are_filtered_by_kind_and_ordered_by_age(api, member, task, project):
    kinds = ("blocks", "blocked_by", "relates", "duplicates", "duplicated_by")
    for kind in kinds:
        relate(task, kind, TaskFactory(project=project))

    assert [row["kind"] for row in listed(api(member), task)] == list(kinds)
    assert [row["kind"] for row in listed(api(member), task, "?ordering=-created_at")] == list(reversed(kinds))
    for kind in kinds:
        assert [row["kind"] for row in listed(api(member), task, f"?kind={kind}")] == [kind]
    assert [row["kind"] for row in listed(api(member), task, "?kind=relates&kind=blocks")] == ["blocks", "relates"]
    assert [row["kind"] for row in listed(api(member), task, "?page_size=2&count=true")] == ["blocks", "blocked_by"]


@pytest.mark.parametrize(("query", "pointer"), [("kind=follows", "/kind"), ("ordering=id", "/ordering"), ("x=1", "/x")])
def test_other_parameters_are_rejected(api, member, task, query, pointer):
    response = api(member).get(f"{url(task)}?{query}")

    assert response.status_code == 400
    assert [one["pointer"] for one in response.json()["errors"]] == [pointer]


def test_a_list_of_relations_costs_the_same_whatever_its_length(api, member, task, project, django_assert_num_queries):
    client = api(member)
    for _ in range(2):
        relate(task, "relates", TaskFactory(project=project))
    client.get(url(task))
    counted = []
    for _ in range(2):
        with django_assert_num_queries(4) as found:
            client.get(url(task))
        counted.append(len(found))
        for _ in range(5):
            relate(task, "relates", TaskFactory(project=project))
    print(f"statements for 2 and for 7 relations: {counted}")


def test_de2_relations_count_is_the_length_of_the_callers_list(api, owner, member, task, second, far, project):
    gone, archived = TaskFactory(project=project), TaskFactory(project=project)
    kinds = ("blocks", "relates", "relates", "blocks", "blocks")
    for kind, other in zip(kinds, (second, second, far, gone, archived), strict=True):
        relate(task, kind, other, actor=owner)
    delete_task(actor=owner, task=gone)
    archive(archived)

    for person in (owner, member):
        shown = api(person).get(f"/api/tasks/{task.pk}/").json()
        assert shown["relations_count"] == len(listed(api(person), task)) == 3
    assert "relations_count" not in api(owner).get("/api/tasks/").json()["results"][0]


def test_relations_count_is_ignored_when_it_is_sent_back(api, member, task):
    shown = api(member).get(f"/api/tasks/{task.pk}/").json()

    body = shown | {"relations_count": 9, "is_blocked": True}
    response = api(member).put(f"/api/tasks/{task.pk}/", body, format="json")

    assert (response.status_code, response.json()["relations_count"], response.json()["is_blocked"]) == (200, 0, False)


def test_a_moved_task_keeps_its_relations_shown_per_reader(api, owner, member, task, second, operations):
    """Section 8 of the contract: kept, shown per reader; the far end is in another project now."""
    relation = relate(task, "blocks", second, actor=owner)

    assert api(owner).patch(f"/api/tasks/{second.pk}/", {"project": operations.pk}).status_code == 200

    relation.refresh_from_db()
    assert (relation.from_project_id, relation.to_project_id) == (task.project_id, operations.pk)
    assert listed(api(member), task)[0]["task"] == {"visible": False}
    assert listed(api(owner), task)[0]["task"]["key"] == Task.objects.get(pk=second.pk).key == "OPS-1"

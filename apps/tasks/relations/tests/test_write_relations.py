"""POST and DELETE /api/tasks/{id}/relations/."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, transaction

from apps.projects.roles import Role
from apps.projects.tests.cast import answers
from apps.projects.tests.factories import MembershipFactory, ProjectFactory
from apps.tasks.models import Relation, RelationKind, Task
from apps.tasks.relations.services import writing
from apps.tasks.relations.tests.relation_helpers import archive, listed, relate, url
from apps.tasks.services import delete_task
from apps.tasks.tests.factories import TaskFactory

pytestmark = pytest.mark.django_db
FLIPPED = {
    "blocks": "blocked_by",
    "blocked_by": "blocks",
    "relates": "relates",
    "duplicates": "duplicated_by",
    "duplicated_by": "duplicates",
}


@answers(owner=201, admin=201, member=201, commenter=403, viewer=403)
def test_de1_members_relate_tasks_and_others_do_not(api, request, task, second, who, status):
    response = api(request.getfixturevalue(who)).post(url(task), {"kind": "blocks", "task": second.pk})

    assert response.status_code == status
    assert Relation.objects.count() == (status == 201)


@answers(owner=204, admin=204, member=204, commenter=403, viewer=403)
def test_de3_members_remove_relations_and_others_do_not(api, request, task, second, who, status):
    relation = relate(task, "blocks", second)

    assert api(request.getfixturevalue(who)).delete(url(task, relation)).status_code == status
    assert Relation.objects.count() == (status != 204)


@pytest.mark.parametrize(("kind", "flipped"), FLIPPED.items())
def test_property_1_de1_both_ends_list_a_relation_with_flipped_kinds_and_either_deletes_it(
    api, member, task, second, kind, flipped
):
    client = api(member)
    made = client.post(url(task), {"kind": kind, "task": second.pk}).json()

    [here], [there] = listed(client, task), listed(client, second)
    assert (here, here["kind"], there["kind"]) == (made, kind, flipped)
    assert here["id"] == there["id"]
    assert (here["task"]["id"], there["task"]["id"]) == (second.pk, task.pk)

    assert client.delete(url(second, here["id"])).status_code == 204
    assert listed(client, task) == listed(client, second) == []
    assert client.delete(url(task, here["id"])).status_code == 404


@pytest.mark.parametrize(("kind", "flipped"), FLIPPED.items())
def test_property_2_de1_the_same_relation_again_from_either_end_is_the_one_that_exists(
    api, member, task, second, kind, flipped
):
    client = api(member)
    made = client.post(url(task), {"kind": kind, "task": second.pk})
    again = client.post(url(task), {"kind": kind, "task": second.key})
    back = client.post(url(second), {"kind": flipped, "task": task.pk})

    assert [made.status_code, again.status_code, back.status_code] == [201, 200, 200]
    assert again.json() == made.json()
    assert back.json() == listed(client, second)[0]
    assert Relation.objects.count() == 1


def test_de1_several_kinds_between_two_tasks_are_allowed(api, member, task, second):
    for kind in ("blocks", "relates", "duplicates"):
        assert api(member).post(url(task), {"kind": kind, "task": second.pk}).status_code == 201

    assert [row["kind"] for row in listed(api(member), task)] == ["blocks", "relates", "duplicates"]


@pytest.mark.parametrize(("first", "then"), [("duplicates", "duplicated_by"), ("duplicated_by", "duplicates")])
def test_de1_two_tasks_cannot_duplicate_each_other(api, member, task, second, first, then):
    relate(task, first, second)

    response = api(member).post(url(task), {"kind": then, "task": second.pk})

    assert (response.status_code, response.json()["code"]) == (409, "conflict")


def test_the_other_task_is_named_by_id_by_key_in_any_case_or_by_an_id_as_text(api, member, task, second):
    for name in (second.pk, str(second.pk), second.key, second.key.lower(), f" {second.key} "):
        response = api(member).post(url(task), {"kind": "relates", "task": name})

        assert response.json()["task"]["id"] == second.pk, name


def test_a_key_that_fits_several_visible_tasks_needs_the_id(api, owner, member, task):
    twins = [ProjectFactory(key="TWIN") for _ in range(3)]
    for twin in twins:
        TaskFactory(project=twin)
    MembershipFactory(project=twins[0], user=member, role=Role.VIEWER)

    assert api(member).post(url(task), {"kind": "relates", "task": "TWIN-1"}).status_code == 201

    MembershipFactory(project=twins[1], user=member, role=Role.VIEWER)
    response = api(member).post(url(task), {"kind": "relates", "task": "TWIN-1"})
    assert response.status_code == 400
    assert [(one["pointer"], one["code"]) for one in response.json()["errors"]] == [("/task", "invalid")]


def test_de2_a_task_that_is_not_visible_absent_or_in_the_trash_does_not_exist(api, member, task, second, far):
    delete_task(actor=second.created_by, task=second)

    for name in (far.pk, far.key, second.pk, second.key, 10**17, "WEB-999", 0, -1, 10**30):
        response = api(member).post(url(task), {"kind": "blocks", "task": name})

        assert response.status_code == 400, name
        assert [(one["pointer"], one["code"]) for one in response.json()["errors"]] == [("/task", "does_not_exist")]
    assert Relation.objects.count() == 0


@pytest.mark.parametrize("kind", FLIPPED)
def test_de2_a_task_is_not_related_to_itself(api, member, task, kind):
    for name in (task.pk, task.key):
        response = api(member).post(url(task), {"kind": kind, "task": name})

        assert response.status_code == 400
        assert [(one["pointer"], one["code"]) for one in response.json()["errors"]] == [("/task", "self_relation")]


@pytest.mark.parametrize(
    ("body", "faults"),
    [
        ({}, {"/kind": "required", "/task": "required"}),
        ({"kind": "follows", "task": 1}, {"/kind": "invalid_choice"}),
        ({"kind": "blocks", "task": None}, {"/task": "null"}),
        ({"kind": "blocks", "task": True}, {"/task": "invalid"}),
        ({"kind": "blocks", "task": 1.5}, {"/task": "invalid"}),
        ({"kind": "blocks", "task": "no key"}, {"/task": "invalid"}),
        ({"kind": "blocks", "task": [1]}, {"/task": "invalid"}),
        ({"kind": "blocks", "task": {"id": 1}}, {"/task": "invalid"}),
        ({"kind": "blocks", "task": 1, "note": ""}, {"/note": "unknown_field"}),
    ],
)
def test_a_body_that_is_not_valid_says_where(api, member, task, body, faults):
    response = api(member).post(url(task), body, format="json")

    assert response.status_code == 400
    assert {one["pointer"]: one["code"] for one in response.json()["errors"]} == faults


@pytest.mark.parametrize("is_here", [True, False])
def test_de2_each_end_has_at_most_so_many_relations_hidden_ones_included(
    api, member, task, second, project, monkeypatch, is_here
):
    monkeypatch.setattr(writing, "MAX_RELATIONS", 3)
    others = [TaskFactory(project=project) for _ in range(3)]
    full = task if is_here else second
    for kind, other in zip(("blocks", "relates", "duplicates"), others, strict=True):
        relate(full, kind, other)
    archive(others[0])

    response = api(member).post(url(task), {"kind": "relates", "task": second.pk})

    assert (response.status_code, response.json()["code"], response.json()["limit"]) == (409, "too_many_relations", 3)
    again = api(member).post(url(full), {"kind": "duplicates", "task": others[2].pk})
    assert again.status_code == 200  # what exists needs no room


def test_de2_the_limit_is_a_hundred():
    assert writing.MAX_RELATIONS == 100


@pytest.mark.parametrize("is_here", [True, False])
def test_de3_an_archived_project_at_either_end_takes_no_relation(api, owner, task, far, is_here):
    archive(task.project if is_here else far.project)

    response = api(owner).post(url(task), {"kind": "relates", "task": far.pk})

    assert (response.status_code, response.json()["code"]) == (409, "project_archived")


def test_de3_deleting_needs_the_end_in_the_path_alone(api, owner, member, task, far):
    relation = relate(task, "blocks", far, actor=owner)
    archive(far.project)

    assert api(owner).delete(url(far, relation)).json()["code"] == "project_archived"
    assert api(member).delete(url(far, relation)).status_code == 404
    assert api(member).delete(url(task, relation)).status_code == 204  # sees nothing of the other project


def test_de3_an_archived_task_can_be_related_to_and_a_hidden_relation_deleted(api, member, task, second):
    archive(second)

    made = api(member).post(url(task), {"kind": "blocks", "task": second.pk})

    assert made.status_code == 201
    assert listed(api(member), task) == []
    assert api(member).delete(url(task, made.json()["id"])).status_code == 204


def test_a_relation_is_deleted_below_its_own_tasks_only(api, member, task, second, project):
    relation = relate(task, "blocks", second)

    assert api(member).delete(url(TaskFactory(project=project), relation)).status_code == 404
    assert Relation.objects.count() == 1


def test_a_viewer_at_the_other_end_is_enough(api, member, task, far):
    MembershipFactory(project=far.project, user=member, role=Role.VIEWER)

    assert api(member).post(url(task), {"kind": "blocked_by", "task": far.pk}).status_code == 201
    assert api(member).post(url(far), {"kind": "relates", "task": task.pk}).status_code == 403


def test_a_retry_with_the_same_key_makes_one_relation(api, member, task, second):
    send = [api(member).post(url(task), {"kind": "blocks", "task": second.pk}, HTTP_IDEMPOTENCY_KEY="k") for _ in "ab"]

    assert [response.status_code for response in send] == [201, 201]
    assert send[1].headers["Idempotency-Replayed"] == "true"
    assert send[0].json() == send[1].json()


def test_de9_relations_raise_no_version(api, member, task, second):
    relation = relate(task, "blocks", second)
    api(member).delete(url(task, relation))

    assert set(Task.objects.values_list("version", flat=True)) == {1}


def test_the_database_rejects_what_the_services_never_write(task, second):
    lower, higher = sorted([task, second], key=lambda one: one.pk)

    def insert(kind, first, last):
        ends = {"from_task": first, "from_project": first.project, "to_task": last, "to_project": last.project}
        with transaction.atomic():
            return Relation.objects.create(kind=kind, **ends)

    insert(RelationKind.BLOCKS, task, second)
    for kind, first, last, name in (
        ("blocks", second, task, "relation_once_per_kind_and_pair"),
        ("relates", higher, lower, "relation_relates_from_the_lower_id"),
        ("blocks", task, task, "relation_between_two_tasks"),
        ("follows", task, second, "relation_kind_known"),
    ):
        with pytest.raises(IntegrityError, match=name):
            insert(kind, first, last)

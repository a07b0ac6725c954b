"""POST /api/projects/."""

from __future__ import annotations

import pytest

from apps.common.models import IdempotencyRecord
from apps.notifications.tests.assertions import kinds_sent_to
from apps.projects.models import Membership, Project
from apps.projects.roles import Role
from apps.projects.tests.cast import history

URL = "/api/projects/"


def test_whoever_asks_becomes_the_owner_of_the_new_project(api, outsider):
    response = api(outsider).post(URL, {"name": "  Website relaunch ", "description": " As is "})

    assert response.status_code == 201
    body = response.json()
    project = Project.objects.get(pk=body["id"])
    assert body == {
        "id": project.pk,
        "key": "WR",
        "name": "Website relaunch",
        "description": " As is ",
        "owner": {"id": outsider.pk, "username": "outsider", "nickname": "", "avatar": None},
        "role": "owner",
        "is_inbox": False,
        "is_archived": False,
        "on_parent_done": "leave",
        "new_tasks": "last",
        "blocked_done": "allow",
        "watch_level": "participating",
        "members_count": 1,
        "tasks_count": 0,
        "open_tasks_count": 0,
        "version": 1,
        "created_at": body["created_at"],
        "updated_at": body["updated_at"],
        "members": [{"user": body["owner"], "role": "owner", "joined_at": body["members"][0]["joined_at"]}],
    }
    assert body["created_at"].endswith("Z")
    assert response["ETag"].startswith('"1.')
    assert Membership.objects.get(project=project).role == Role.OWNER
    assert history(project) == [("created", {"name": {"from": None, "to": "Website relaunch"}})]
    assert kinds_sent_to(outsider) == []


def test_a_given_key_is_taken_as_it_is(api, outsider):
    assert api(outsider).post(URL, {"name": "Website", "key": "SHOP"}).json()["key"] == "SHOP"


def test_a_key_that_the_owner_already_uses_is_a_conflict(api, outsider):
    response = api(outsider).post(URL, {"name": "Again", "key": "ELSE"})

    assert response.status_code == 409
    assert response.json()["code"] == "key_taken"
    assert Project.objects.filter(owner=outsider).count() == 1


def test_two_owners_may_use_the_same_key(api, project, outsider):
    assert api(outsider).post(URL, {"name": "Website", "key": "WEB"}).status_code == 201


def test_the_same_name_again_gets_another_key(api, outsider):
    keys = [api(outsider).post(URL, {"name": "Website"}).json()["key"] for _ in range(10)]

    assert keys == ["WEB", "WEBS", "WEBSI", "WEBSIT", "WEBSITE", "WEBA", "WEBB", "WEBC", "WEBD", "WEBE"]


@pytest.mark.parametrize(
    ("body", "pointer", "code"),
    [
        ({}, "/name", "required"),
        ({"name": "   "}, "/name", "blank"),
        ({"name": None}, "/name", "null"),
        ({"name": 7}, "/name", "invalid"),
        ({"name": "x" * 201}, "/name", "max_length"),
        ({"name": "x", "description": "x" * 10_001}, "/description", "max_length"),
        ({"name": "x", "key": "A"}, "/key", "invalid"),
        ({"name": "x", "key": "ABCDEFGHIJK"}, "/key", "invalid"),
        ({"name": "x", "key": "web"}, "/key", "invalid"),
        ({"name": "x", "key": ""}, "/key", "blank"),
        ({"name": "x", "colour": "red"}, "/colour", "unknown_field"),
    ],
)
def test_a_bad_field_is_named_and_nothing_is_made(api, outsider, body, pointer, code):
    response = api(outsider).post(URL, body)

    assert response.status_code == 400
    assert {"pointer": pointer, "code": code} in [
        {"pointer": error["pointer"], "code": error["code"]} for error in response.json()["errors"]
    ]
    assert Project.objects.filter(owner=outsider).count() == 1


def test_read_only_fields_are_ignored(api, outsider, owner):
    body = {"name": "Mine", "owner": {"id": owner.pk}, "role": "viewer", "members_count": 9, "is_inbox": True}

    made = api(outsider).post(URL, body).json()

    assert (made["owner"]["id"], made["role"], made["members_count"], made["is_inbox"]) == (
        outsider.pk,
        "owner",
        1,
        False,
    )


def test_a_retry_with_the_same_idempotency_key_makes_one_project(api, outsider):
    first, again = (api(outsider).post(URL, {"name": "Once"}, headers={"Idempotency-Key": "k1"}) for _ in range(2))

    assert (first.status_code, again.status_code) == (201, 201)
    assert again["Idempotency-Replayed"] == "true"
    assert again.json() == first.json()
    assert Project.objects.filter(owner=outsider, name="Once").count() == 1
    assert IdempotencyRecord.objects.count() == 1

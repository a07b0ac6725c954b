"""The token of a copy: opaque, signed, bound to its person, small."""

from __future__ import annotations

import json
from uuid import uuid4

import pytest

from apps.common.models import Installation
from apps.projects.tests.factories import ProjectFactory
from apps.sync import token as tokens
from apps.sync.tests.replay import PATH, Copy
from apps.sync.token import Asked, Cursor, SyncToken, read_token
from apps.sync.types import SyncType
from apps.tokens.tests.factories import script

EPOCH = uuid4()
ALL = Asked(types=frozenset(SyncType))


def test_sy8_500_projects_fit_in_8_kb():
    positions = {1_000_000 + number * 9_973: 100_000 + number * 997 for number in range(500)}
    cursor = Cursor(7, 2**62, 6, 2**62)
    token = SyncToken(
        user_id=2**62, epoch=EPOCH, asked=ALL.digest, me=b"12345678", positions=positions, snapshot=cursor, event=cursor
    )

    text = token.encode()

    print(f"sync: a token of 500 projects has {len(text)} bytes")
    assert len(text) <= 8_192
    assert read_token(text, user_id=2**62, epoch=EPOCH, asked=ALL) == token


@pytest.mark.parametrize("change", ["cut", "flipped", "unsigned", "empty", "words"])
def test_sy7_a_malformed_or_forged_token_is_rejected(api, member, change):
    copy = Copy(api(member))
    text = copy.page()["next"]
    forged = {
        "cut": text[:-3],
        "flipped": ("B" if text[0] == "A" else "A") + text[1:],
        "unsigned": text.partition(":")[0],
        "empty": "",
        "words": "hello there \u00e9",
    }

    answer = api(member).post(PATH, {"since": forged[change]})

    assert answer.status_code == 400
    assert answer.json()["code"] in ({"validation_error"} if change == "empty" else {"wrong_token"})


def test_sy7_another_persons_token_is_rejected(api, member, viewer):
    since = Copy(api(member)).page()["next"]

    answer = api(viewer).post(PATH, {"since": since})

    assert (answer.status_code, answer.json()["code"]) == (400, "wrong_token")


@pytest.mark.parametrize("other", [{"types": ["task"]}, {"projects": "own"}])
def test_sy7_a_token_is_for_the_types_and_projects_that_it_was_made_for(api, member, project, other):
    since = Copy(api(member)).page()["next"]
    other = {name: [project.pk] if value == "own" else value for name, value in other.items()}

    answer = api(member).post(PATH, {"since": since, **other})

    assert (answer.status_code, answer.json()["code"]) == (400, "wrong_token")


def test_sy7_all_types_by_name_are_all_types(api, member):
    since = Copy(api(member)).page()["next"]

    assert api(member).post(PATH, {"since": since, "types": list(SyncType)}).status_code == 200


def test_sy7_after_a_restore_there_is_one_410_and_then_a_whole_copy(api, member, task):
    copy = Copy(api(member))
    copy.read()
    Installation.objects.update(epoch=uuid4())

    answer = copy.post()
    copy.since = None
    copy.objects.clear()
    copy.read()

    assert (answer.status_code, answer.json()["code"]) == (410, "sync_reset")
    assert task.pk in copy.of("task")
    assert copy.post().status_code == 200


def test_sy7_another_version_of_the_shapes_begins_anew(api, member, monkeypatch):
    copy = Copy(api(member))
    copy.read()
    monkeypatch.setattr(tokens, "SCHEMA", tokens.SCHEMA + 1)

    assert copy.post().status_code == 410


def test_sy8_an_api_token_continues_the_copy_and_sees_its_own_projects_alone(api, owner, project, task):
    other = ProjectFactory(owner=owner)
    copy = Copy(api(owner))
    copy.read()
    copy.client = script(owner, scopes=["tasks:read"], projects=[project])

    lost = copy.read()

    assert {change["op"] for change in lost} == {"delete"}
    assert other.pk in {change["id"] for change in lost}
    assert set(copy.of("project")) == {project.pk}
    assert set(copy.client.get("/api/sync/state/").json()["projects"]) == {str(project.pk)}
    assert script(owner, scopes=["projects:read"]).post(PATH, {}).status_code == 403


def test_sy8_the_token_works_in_another_session_of_the_same_person(api, member):
    since = Copy(api(member)).page()["next"]

    assert json.loads(api(member).post(PATH, {"since": since}).content)["changes"] == []

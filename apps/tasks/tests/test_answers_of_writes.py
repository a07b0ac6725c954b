"""The answer of a write is read in its transaction: what was written is what is shown (contract, section 8).

Eight clients on connections of their own write the same rows; every request carries an id of its own, which
the history notes. Prints its figures.
"""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import dataclass
from typing import Any

import pytest
from rest_framework.test import APIClient

from apps.common.tests.races import in_lanes
from apps.projects.models import Activity, Membership
from apps.projects.roles import Role
from apps.projects.tests.factories import MembershipFactory, ProjectFactory
from apps.tasks.tests.factories import TaskFactory
from apps.users.tests.factories import UserFactory
from apps.users.tests.tokens import access_token_for

pytestmark = pytest.mark.django_db(transaction=True)

LANES = 8
FEW = [12, pytest.param(40, marks=pytest.mark.slow)]
MANY = [12, pytest.param(125, marks=pytest.mark.slow)]  # per lane; 8 lanes of 125 times 2 acts are 2,000 edits


@dataclass
class Sent:
    """A request and its answer."""

    act: str
    body: dict[str, Any]
    request_id: str
    response: Any

    @property
    def status(self) -> int:
        return self.response.status_code

    @property
    def shown(self) -> dict[str, Any]:
        return self.response.json()


class Client:
    """One lane: a client of its own that remembers what it sent."""

    def __init__(self, lane: int, user: Any) -> None:
        self.lane, self.user, self.count = lane, user, 0
        self.api = APIClient(raise_request_exception=False)
        self.api.credentials(HTTP_AUTHORIZATION=f"Bearer {access_token_for(user)}")

    def send(self, act: str, method: str, path: str, body: dict[str, Any] | None = None) -> Sent:
        self.count += 1
        request_id = f"lane-{self.lane}-{self.count}"
        response = getattr(self.api, method)(path, body, headers={"X-Request-ID": request_id})
        return Sent(act, body or {}, request_id, response)


@pytest.fixture(autouse=True)
def _no_limits(settings):
    settings.THROTTLE_RATES = dict.fromkeys(settings.THROTTLE_RATES, "1000000/60")


def storm(lanes: list[Any], name: str) -> list[Sent]:
    """Run the lanes; nothing may fail, and what was not answered with success may have changed nothing."""
    sent = [one for lane in in_lanes(*lanes) for one in lane]
    figures = Counter(f"{one.act} {one.status}" for one in sent)
    failed = {one.request_id for one in sent if one.status >= 400}
    written = set(Activity.objects.filter(request_id__in=failed).values_list("request_id", flat=True))
    print(f"\n{name}: {len(sent)} requests, {dict(sorted(figures.items()))}, rejected after a commit {len(written)}")
    assert [one.response.content for one in sent if one.status >= 500] == []
    assert written == set()
    return sent


@pytest.mark.parametrize("rounds", MANY)
def test_parallel_edits_and_removals_of_members_show_what_they_wrote(project, rounds):
    people = [MembershipFactory(project=project).user for _ in range(4)]
    clients = [Client(lane, MembershipFactory(project=project, role=Role.ADMIN).user) for lane in range(LANES)]
    members = f"/api/projects/{project.pk}/members/"

    def acts(client):
        dice = random.Random(client.lane)
        for _ in range(rounds):
            person = dice.choice(people).pk
            role = dice.choice(["viewer", "member"])
            yield lambda p=person, r=role: client.send("edit", "patch", f"{members}{p}/", {"role": r})
            yield dice.choice(
                [
                    lambda p=person: client.send("remove", "delete", f"{members}{p}/"),
                    lambda p=person, r=role: client.send("add", "post", members, {"user_id": p, "role": r}),
                ]
            )

    sent = storm([acts(client) for client in clients], "members")

    for one in sent:
        if one.act in {"edit", "add"} and one.status < 300:
            assert one.shown["role"] == one.body["role"]
    assert {one.status for one in sent} <= {200, 201, 204, 404, 409}


@pytest.mark.parametrize("rounds", FEW)
def test_parallel_moves_edits_and_deletions_of_tasks_show_what_they_wrote(project, owner, rounds):
    clients = [Client(lane, MembershipFactory(project=project, role=Role.ADMIN).user) for lane in range(LANES)]
    other = ProjectFactory(owner=owner, key="MOB")
    for client in clients:
        MembershipFactory(project=other, user=client.user, role=Role.ADMIN)
    tasks = [TaskFactory(project=project).pk for _ in range(rounds)]

    def acts(client):
        dice = random.Random(client.lane)
        for number, task in enumerate(tasks):
            path, title = f"/api/tasks/{task}/", f"{client.lane}.{number}"
            target, status = dice.choice([project.pk, other.pk]), dice.choice(["todo", "done"])
            yield lambda p=path, t=title, g=target: client.send("move", "patch", p, {"title": t, "project": g})
            yield lambda p=path, s=status: client.send("status", "patch", f"{p}status/", {"status": s})
            yield lambda p=path: client.send("archive", "post", f"{p}archive/")
            if client.lane % 4 == 3:
                yield lambda p=path: client.send("delete", "delete", p)

    sent = storm([acts(client) for client in clients], "tasks")

    for one in sent:
        if one.status == 200:
            assert {name: one.shown[name] for name in one.body} == one.body
            assert one.act != "archive" or one.shown["is_archived"] is True
    assert {one.status for one in sent} <= {200, 204, 404}


@pytest.mark.parametrize("rounds", FEW)
def test_parallel_transfers_and_edits_of_a_project_show_what_they_wrote(project, owner, rounds):
    people = [owner, *(MembershipFactory(project=project, role=Role.ADMIN).user for _ in range(LANES - 1))]
    path = f"/api/projects/{project.pk}/"

    def acts(client):
        dice = random.Random(client.lane)
        for number in range(rounds):
            successor = dice.choice(people).pk
            yield lambda h=successor: client.send("transfer", "post", f"{path}transfer/", {"user_id": h})
            yield lambda n=number: client.send("rename", "patch", path, {"name": f"{client.lane}.{n}"})
            yield lambda: client.send("archive", "post", f"{path}archive/")
            yield lambda: client.send("unarchive", "post", f"{path}unarchive/")

    sent = storm([acts(Client(lane, user)) for lane, user in enumerate(people)], "projects")

    for one in sent:
        if one.status != 200:
            continue
        shown = one.shown
        assert one.act != "rename" or shown["name"] == one.body["name"]
        assert one.act != "transfer" or shown["owner"]["id"] == one.body["user_id"]
        assert one.act not in {"archive", "unarchive"} or shown["is_archived"] == (one.act == "archive")
        assert_consistent(shown)
    assert {one.status for one in sent} <= {200, 403, 409}


def assert_consistent(shown, user_id=None):
    """Owner, roles and counts of a project's detail agree with its members."""
    owners = [row["user"]["id"] for row in shown["members"] if row["role"] == "owner"]
    assert owners == [shown["owner"]["id"]]
    assert shown["members_count"] == len(shown["members"])
    if user_id is not None:
        assert [row["role"] for row in shown["members"] if row["user"]["id"] == user_id] == [shown["role"]]


@pytest.mark.parametrize("rounds", FEW)
def test_a_reader_of_a_project_never_sees_owner_members_and_counts_contradict_each_other(project, owner, rounds):
    first, second = owner, MembershipFactory(project=project, role=Role.ADMIN).user
    guest, path = UserFactory(), f"/api/projects/{project.pk}/"
    seats = [Client(0, first), Client(1, second)]
    doors = Client(2, MembershipFactory(project=project, role=Role.ADMIN).user)
    readers = [Client(3 + lane, MembershipFactory(project=project).user) for lane in range(3)]

    def transfers():
        for number in range(rounds):
            giver, taker = seats[number % 2], seats[1 - number % 2]
            yield lambda g=giver, t=taker: g.send("transfer", "post", f"{path}transfer/", {"user_id": t.user.pk})

    def comings_and_goings():
        for _ in range(rounds):
            yield lambda: doors.send("add", "post", f"{path}members/", {"user_id": guest.pk})
            yield lambda: doors.send("remove", "delete", f"{path}members/{guest.pk}/")

    def looks(reader):
        for _ in range(3 * rounds):
            yield lambda: reader.send("look", "get", path)

    sent = storm([transfers(), comings_and_goings(), *map(looks, readers), looks(Client(7, first))], "readers")

    assert {one.status for one in sent} <= {200, 201, 204}
    for one in sent:
        if one.act == "look":
            assert_consistent(one.shown, first.pk if one.request_id.startswith("lane-7") else None)
    assert Membership.objects.filter(project=project, role=Role.OWNER).count() == 1


def test_count_and_rows_of_a_list_never_contradict_each_other(project, owner):
    guest = UserFactory()
    doors, readers = Client(0, owner), [Client(1 + lane, owner) for lane in range(3)]
    members, tasks = f"/api/projects/{project.pk}/members/", "/api/tasks/"

    def comings_and_goings():
        for number in range(40):
            yield lambda: doors.send("add", "post", members, {"user_id": guest.pk})
            yield lambda n=number: doors.send("create", "post", tasks, {"project": project.pk, "title": str(n)})
            yield lambda: doors.send("remove", "delete", f"{members}{guest.pk}/")

    def looks(reader):
        for _ in range(40):
            yield lambda: reader.send("look", "get", f"{members}?count=true")
            yield lambda: reader.send("look", "get", f"{tasks}?count=true&page_size=100")

    sent = storm([comings_and_goings(), *map(looks, readers)], "counts")

    assert [one.shown["count"] - len(one.shown["results"]) for one in sent if one.act == "look"] == [0] * 240

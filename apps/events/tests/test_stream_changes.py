"""What waits for a stream, and what the hub asks the database (contract SR2, SR6)."""

from __future__ import annotations

import json
from uuid import UUID

from apps.events.stream.reading import Credential, read_all
from apps.events.stream.subscriber import Subscriber
from apps.projects.tests.factories import ProjectFactory
from apps.sync.state import State
from apps.users.models import Session
from apps.users.tests.tokens import access_token_for

SESSION = Credential("session", 1)


def state(me: str = "a", **projects: int) -> State:
    numbers = {int(name.removeprefix("p")): seq for name, seq in projects.items()}
    return State(user_id=1, projects=numbers, me=me, epoch=UUID(int=1))


def said(stream: Subscriber) -> dict[str, object]:
    assert stream.is_waiting
    text = stream.part().decode()
    assert not stream.is_waiting
    found: dict[str, object] = json.loads(text.partition("data: ")[2])
    return found


def test_sr2_changes_that_wait_become_one():
    stream = Subscriber(state(p1=1, p2=1), SESSION)

    stream.compare(state(p1=2, p2=1))
    stream.compare(state("b", p1=3, p2=1, p4=9))

    assert said(stream) == {"projects": {"1": 3, "4": 9}, "me": True}


def test_sr3_a_project_that_is_not_visible_any_more_is_not_named_though_its_change_waits():
    stream = Subscriber(state(p1=1, p2=1), SESSION)

    stream.compare(state(p1=2, p2=2))
    stream.compare(state(p2=2))

    assert said(stream) == {"projects": {"2": 2}, "me": False}


def test_sr2_a_client_that_comes_back_is_told_of_all_projects_if_anything_changed():
    known = state(p1=1)

    missed = Subscriber(state(p1=2, p2=5), SESSION, last_id=known.digest)
    nothing = Subscriber(known, SESSION, last_id=known.digest)
    nothing.compare(state("b", p1=1))

    assert said(missed) == {"projects": {"1": 2, "2": 5}, "me": True}
    assert said(nothing) == {"projects": {}, "me": True}


def test_sr3_a_stream_of_a_token_for_some_projects_hears_of_those_alone():
    stream = Subscriber(state(p1=1, p2=1), Credential("token", 1), only={2})

    stream.compare(state(p1=7, p2=2))

    assert said(stream) == {"projects": {"2": 2}, "me": False}


def test_sr6_one_statement_reads_the_state_of_everybody(db, django_assert_num_queries):
    people = [ProjectFactory().owner for _ in range(5)]
    for person in people:
        access_token_for(person)
    sessions = {Credential("session", pk) for pk in Session.objects.values_list("pk", flat=True)}

    with django_assert_num_queries(2):  # who is still let in, and the state
        states, alive = read_all([person.pk for person in people], sessions)

    assert set(states) == {person.pk for person in people}
    assert alive == sessions

"""POST /api/tasks/quick/ (contract QA)."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from apps.notifications.models import Notification
from apps.projects.models import Activity, Project
from apps.projects.roles import Role
from apps.projects.tests.factories import MembershipFactory, ProjectFactory
from apps.tasks.models import Label, Task
from apps.tasks.quick import views

URL = "/api/tasks/quick/"
NOW = datetime(2026, 11, 26, 9, 30, tzinfo=UTC)  # a Thursday


@pytest.fixture(autouse=True)
def _clock(monkeypatch):
    monkeypatch.setattr(views.timezone, "now", lambda: NOW)


@pytest.fixture
def bug(project):
    return Label.objects.create(project=project, name="Bug", color="#c8473f")


def problem(response):
    return response.status_code, [(each["pointer"], each["code"]) for each in response.json().get("errors", [])]


def test_qa1_every_sign_becomes_its_field(api, project, member, owner, bug):
    text = 'Pay  rent ^web #bug #"Two words" @OWNER !HIGH tomorrow 9:00 now'

    response = api(member).post(URL, {"text": text, "tz": "Europe/Berlin"})

    assert response.status_code == 201, response.json()
    answer = response.json()
    assert answer["fields"] == {
        "title": "Pay rent now",
        "project": project.pk,
        "labels": [bug.pk, "Two words"],
        "assigned_to": owner.pk,
        "priority": "high",
        "due_date": "2026-11-27T08:00:00Z",
    }
    assert answer["warnings"] == []
    assert [(each["text"], each["field"]) for each in answer["tokens"]] == [
        ("^web", "project"),
        ("#bug", "labels"),
        ('#"Two words"', "labels"),
        ("@OWNER", "assigned_to"),
        ("!HIGH", "priority"),
        ("tomorrow 9:00", "due_date"),
    ]
    assert all(text[each["position"] :][: each["length"]] == each["text"] for each in answer["tokens"])
    task = answer["task"]
    assert (task["title"], task["key"], task["priority"], task["due_date"]) == (
        "Pay rent now",
        "WEB-1",
        "high",
        "2026-11-27T08:00:00Z",
    )
    assert [each["name"] for each in task["labels"]] == ["Bug", "Two words"]
    assert task["assigned_to"]["id"] == owner.pk


def test_qa1_a_backslash_keeps_a_sign_as_text_and_title_is_what_is_left(api, project, member):
    answer = api(member).post(URL, {"text": r" Fix \#12  in \@home \!low", "project": project.pk}).json()

    assert (answer["task"]["title"], answer["tokens"], answer["warnings"]) == ("Fix #12 in @home !low", [], [])


@pytest.mark.parametrize("text", ["#bug !high tomorrow", "  ", ""])
def test_qa1_without_a_title_it_is_rejected_at_the_text(api, project, member, text):
    response = api(member).post(URL, {"text": text, "project": project.pk})

    assert problem(response) == (400, [("/text", "blank")])
    assert not Task.objects.exists()
    assert not Label.objects.exists()


def test_qa1_a_text_or_a_title_that_is_too_long_is_rejected_at_the_text(api, project, member):
    client = api(member)

    for length in (201, 501):
        response = client.post(URL, {"text": "x" * length, "project": project.pk})
        assert problem(response) == (400, [("/text", "max_length")])


@pytest.mark.parametrize(
    ("text", "field", "value"),
    [
        ("x tomorrow", "due_on", "2026-11-27"),
        ("x in 3 Days", "due_on", "2026-11-29"),
        ("x 2026-12-24 17:30", "due_date", "2026-12-24T22:30:00Z"),
        ("x at 9", "due_date", "2026-11-26T14:00:00Z"),  # still to come there: it is 4:30
        ("x 4:00", "due_date", "2026-11-27T09:00:00Z"),  # past: tomorrow
        ("x today 4:00", "due_date", "2026-11-26T09:00:00Z"),  # as it was said
    ],
)
def test_qa2_a_date_is_read_in_the_zone_of_the_caller(api, project, member, text, field, value):
    member.timezone = "America/New_York"
    member.save()

    answer = api(member).post(URL, {"text": text, "project": project.pk, "dry_run": True}).json()

    assert answer["fields"] == {"title": "x", "project": project.pk, field: value}


def test_qa2_a_time_that_clocks_skip_stays_text(api, project, member):
    body = {"text": "x 2027-03-28 2:30", "project": project.pk, "tz": "Europe/Berlin"}

    answer = api(member).post(URL, body).json()

    assert answer["task"]["title"] == body["text"]
    assert len(answer["warnings"]) == 1


@pytest.mark.parametrize(
    "kept",
    [
        "@nobody",
        "@outsider",
        "^NONE",
        "^ELSE",
        "!asap",
        "every monday at 9",
        "2026-02-30",
        "25:00",
        "#" + "x" * 51,
        '#""',
    ],
)
def test_qa3_what_is_not_understood_stays_in_the_title_with_a_warning(api, project, member, outsider, kept):
    answer = api(member).post(URL, {"text": f"Call {kept} soon", "project": project.pk}).json()

    assert answer["task"]["title"] == f"Call {kept} soon"
    assert answer["tokens"] == []
    assert len(answer["warnings"]) == 1
    assert answer["task"]["due_date"] is None


def test_qa3_of_each_kind_the_first_counts(api, project, member, owner):
    text = "x @owner @member !low !high monday tomorrow ^WEB ^WEB"

    answer = api(member).post(URL, {"text": text}).json()

    assert answer["task"]["title"] == "x @member !high tomorrow ^WEB"
    assert [each["text"] for each in answer["tokens"]] == ["@owner", "!low", "monday", "^WEB"]
    assert len(answer["warnings"]) == 4


def test_qa3_without_a_project_it_is_the_inbox_and_project_comes_before_a_sign(api, project, member):
    other = ProjectFactory(owner=member, key="HOME")
    client = api(member)

    inbox = client.post(URL, {"text": "x"}).json()
    differs = client.post(URL, {"text": "x ^home", "project": project.pk}).json()

    assert inbox["task"]["project"] == Project.objects.get(owner=member, is_inbox=True).pk
    assert inbox["fields"] == {"title": "x"}
    assert differs["fields"] == {"title": "x ^home", "project": project.pk}
    assert client.post("/api/tasks/", differs["fields"]).json()["project"] == project.pk
    assert (differs["task"]["project"], differs["task"]["title"], len(differs["warnings"])) == (
        project.pk,
        "x ^home",
        1,
    )
    assert not Task.objects.filter(project=other).exists()


def test_qa1_a_key_that_names_several_projects_or_one_that_is_only_read_is_not_guessed(api, project, member, viewer):
    assert len(api(viewer).post(URL, {"text": "x ^WEB"}).json()["warnings"]) == 1
    MembershipFactory(project=ProjectFactory(key="WEB"), user=member, role=Role.ADMIN)

    answer = api(member).post(URL, {"text": "x ^WEB"}).json()

    assert (answer["task"]["title"], len(answer["warnings"])) == ("x ^WEB", 1)


def test_qa3_labels_over_the_limits_stay_text(api, project, member, bug, settings):
    settings.LABELS_MAX_PER_PROJECT = 2

    answer = api(member).post(URL, {"text": "x #bug #BUG #new #newer", "project": project.pk}).json()

    assert (answer["task"]["title"], answer["fields"]["labels"]) == ("x #newer", [bug.pk, "new"])
    settings.LABELS_MAX_PER_PROJECT = 500
    many = "x " + " ".join(f"#l{number}" for number in range(21))
    assert api(member).post(URL, {"text": many, "project": project.pk}).json()["task"]["title"] == "x #l20"


@pytest.mark.parametrize(("who", "status"), [("viewer", 403), ("commenter", 403), ("outsider", 400), ("owner", 201)])
def test_qa4_rights_are_those_of_a_creation(api, project, request, who, status):
    response = api(request.getfixturevalue(who)).post(URL, {"text": "x", "project": project.pk})

    assert response.status_code == status
    if status == 400:
        assert problem(response) == (400, [("/project", "does_not_exist")])


def test_qa4_events_and_notifications_are_those_of_a_creation(api, project, member, owner):
    api(member).post(URL, {"text": "x @owner #new ^WEB"})

    assert list(Activity.objects.order_by("seq").values_list("type", flat=True))[-2:] == [
        "label.created",
        "task.created",
    ]
    assert Notification.objects.filter(recipient=owner, kind="task_assigned").count() == 1


def test_qa4_an_archived_project_is_read_only(api, project, member):
    project.archived_at = NOW
    project.save()

    response = api(member).post(URL, {"text": "x", "project": project.pk, "dry_run": True})

    assert (response.status_code, response.json()["code"]) == (409, "project_archived")


def test_a_retried_request_creates_one_task(api, project, member):
    client, body = api(member), {"text": "x #new", "project": project.pk}

    first, second = (client.post(URL, body, HTTP_IDEMPOTENCY_KEY="k") for _ in range(2))

    assert first.json() == second.json()
    assert second["Idempotency-Replayed"] == "true"
    assert Task.objects.count() == 1


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"text": 3}, "/text"),
        ({"text": "x", "tz": "Mars/Base"}, "/tz"),
        ({"text": "x", "ignore": ["a"]}, "/ignore/0"),
        ({"text": "x", "ignore": 1}, "/ignore"),
        ({"text": "x", "color": "red"}, "/color"),
        ({}, "/text"),
    ],
)
def test_bad_input_is_named_where_it_stands(api, member, body, pointer):
    response = api(member).post(URL, body)

    assert response.status_code == 400
    assert [each["pointer"] for each in response.json()["errors"]] == [pointer]


PIECES = st.sampled_from(
    ["pay", "^WEB", "#bug", '#"two  words"', "#new", "@member", "@nobody", "!high", "!low", "tomorrow 9:00", "24 Dec",
     "every day", "at 9", "31 Feb", "^NONE"]
)  # fmt: skip


@given(words=st.lists(PIECES, max_size=9), gap=st.sampled_from([" ", "  ", "\t"]))
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_qa_dry_run_and_run_agree_and_to_ignore_every_token_gives_the_text(api, project, member, bug, words, gap):
    client, text = api(member), gap.join(["Title", *words])

    dry = client.post(URL, {"text": text, "dry_run": True})
    assert dry.status_code == 200, dry.json()
    plain = client.post(
        URL, {"text": text, "dry_run": True, "ignore": [each["position"] for each in dry.json()["tokens"]]}
    ).json()
    run = client.post(URL, {"text": text})

    assert run.status_code == 201
    assert dry.json() | {"task": run.json()["task"]} == run.json()
    assert run.json()["task"]["title"] == dry.json()["fields"]["title"]
    assert (plain["fields"], plain["tokens"]) == ({"title": " ".join(text.split())}, [])
    Label.objects.exclude(pk=bug.pk).delete()  # for the next example

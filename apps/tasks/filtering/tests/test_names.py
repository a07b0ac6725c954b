"""Names in a filter: what they stand for, and that nothing invisible can be asked for."""

from __future__ import annotations

import pytest

from apps.projects.models import Membership, Project
from apps.projects.tests.factories import MembershipFactory, ProjectFactory
from apps.tasks.models import Label, Task, TaskLabel, Watch
from apps.tasks.tests.factories import TaskFactory
from apps.users.tests.factories import UserFactory

pytestmark = pytest.mark.django_db


def ids(client, text, **parameters):
    answer = client.get("/api/tasks/", {"filter": text, **parameters})
    assert answer.status_code == 200, answer.json()
    return {row["id"] for row in answer.json()["results"]}


def error(client, text):
    answer = client.get("/api/tasks/", {"filter": text})
    assert answer.status_code == 400, answer.json()
    assert answer.json()["code"] == "filter_invalid"
    (entry,) = answer.json()["errors"]
    return entry["code"], entry["position"], entry["length"]


def test_fi3_me_is_the_reader(api, project, owner, member):
    own, others = (TaskFactory(project=project, assigned_to=person).pk for person in (owner, member))

    assert ids(api(owner), "assignee = me") == {own}
    assert ids(api(member), "assignee = me") == {others}
    assert ids(api(member), "assignee in (me, OWNER)") == {own, others}
    assert ids(api(member), "assignee != me") == {own}


def test_fi3_people_are_named_in_any_form_as_members_creators_or_assignees_of_what_is_visible(api, project, owner):
    straße = UserFactory(username="Straße")
    task = TaskFactory(project=project, created_by=straße)
    MembershipFactory(project=project, user__username="silent")

    assert ids(api(owner), "creator = STRASSE") == {task.pk}
    assert ids(api(owner), "assignee = silent") == set()


@pytest.mark.parametrize("name", ["stranger", "outsider", "nobody-at-all"])
def test_fi3_a_person_whom_the_reader_does_not_see_does_not_exist(api, project, owner, outsider, name):
    UserFactory(username="stranger")
    elsewhere = outsider.owned_projects.get()
    TaskFactory(project=elsewhere, assigned_to=outsider)

    assert error(api(owner), f"overdue or assignee = {name}") == ("does_not_exist", 22, len(name))


def test_fi3_who_left_is_named_while_they_created_something_visible(api, project, owner, member):
    task = TaskFactory(project=project, created_by=member)
    Membership.objects.filter(user=member, project=project).delete()
    assert ids(api(owner), "creator = member") == {task.pk}

    Task.objects.filter(pk=task.pk).update(created_by=owner)
    assert error(api(owner), "creator = member") == ("does_not_exist", 10, 6)


def test_fi3_projects_are_named_by_key_or_id_and_a_key_means_every_visible_one(api, project, owner):
    other = ProjectFactory(key="WEB")
    hidden = ProjectFactory(key="HIDDEN")
    first, second = (TaskFactory(project=each).pk for each in (project, other))
    TaskFactory(project=hidden)
    assert ids(api(owner), "project = web") == {first}
    MembershipFactory(project=other, user=owner)

    assert ids(api(owner), "project = web") == {first, second}
    assert ids(api(owner), f"project in ({other.pk})") == {second}
    assert ids(api(owner), f"project != {other.pk}") == {first}
    assert error(api(owner), "project = HIDDEN") == ("does_not_exist", 10, 6)
    assert error(api(owner), f"project in (web, {hidden.pk})")[:2] == ("does_not_exist", 17)
    assert error(api(owner), "project = 99999999999999999999") == ("does_not_exist", 10, 20)
    assert error(api(owner), f"project = '{project.pk}'")[0] == "does_not_exist"  # quoted: a key, not an id


def test_keys_of_tasks_mean_every_visible_task_with_them_ignoring_case(api, project, owner):
    other = ProjectFactory(key="WEB")
    first, second = (TaskFactory(project=each).pk for each in (project, other))
    TaskFactory(project=project)
    assert ids(api(owner), "key = web-1") == {first}
    MembershipFactory(project=other, user=owner)

    assert ids(api(owner), "key = Web-01") == {first, second}
    assert error(api(owner), "key in (WEB-1, WEB-3)") == ("does_not_exist", 15, 5)


def test_fi3_what_is_in_the_trash_does_not_exist(api, project, owner):
    TaskFactory(project=project)
    client = api(owner)
    assert client.delete(f"/api/tasks/{TaskFactory(project=project).pk}/").status_code == 204

    assert error(client, "key = WEB-2") == ("does_not_exist", 6, 5)


def test_fi4_archived_anywhere_switches_off_the_default_unless_the_parameter_is_sent(api, project, owner):
    other = ProjectFactory(owner=owner, key="OLD")
    active, archived, of_archived = (TaskFactory(project=each).pk for each in (project, project, other))
    client = api(owner)
    client.post(f"/api/tasks/{archived}/archive/")
    Project.objects.filter(pk=other.pk).update(archived_at="2026-01-01T00:00:00Z")

    assert ids(client, "title ~ task") == {active}
    assert ids(client, "archived") == {archived, of_archived}
    assert ids(client, "not archived") == {active}
    assert ids(client, "archived or title ~ task") == {active, archived, of_archived}
    assert ids(client, "archived or title ~ task", archived="false") == {active}
    assert ids(client, "archived or title ~ task", archived="true") == {archived, of_archived}
    assert ids(client, "project = old") == set()
    assert ids(client, "title ~ task", project=other.pk) == {of_archived}


def test_fi4_flags_are_those_of_the_list(api, project, owner, member):
    for due in ("2026-01-01T00:00:00Z", None):
        TaskFactory(project=project, due_date=due, attachments_count=1 if due else 0)
    client = api(owner)

    blocker, blocked = client.get("/api/tasks/?ordering=created_at").json()["results"]
    client.post(f"/api/tasks/{blocker['id']}/relations/", {"kind": "blocks", "task": blocked["id"]})
    api(member).patch(f"/api/tasks/{blocked['id']}/assign/", {"assigned_to": owner.pk})

    for flag, parameter in [
        ("overdue", "overdue"),
        ("has_files", "has_attachments"),
        ("blocked", "blocked"),
        ("blocking", "blocking"),
        ("unread", "unread"),
    ]:
        for text, value in [(flag, "true"), (f"not {flag}", "false")]:
            listed = client.get("/api/tasks/", {parameter: value}).json()["results"]
            assert ids(client, text) == {row["id"] for row in listed}
            assert len(listed) == 1


def test_titles_are_compared_in_normal_form_and_words_of_the_title_alone(api, project, owner):
    task = TaskFactory(project=project, title="Straße reparieren", description="login")
    TaskFactory(project=project, title="login", description="straße")
    kanji = TaskFactory(project=project, title="図書館の規則")
    client = api(owner)

    assert ids(client, "title = 'STRASSE REPARIEREN'") == {task.pk}
    assert ids(client, "title ~ 'strasse repar'") == {task.pk}
    assert ids(client, "title ~ 'strass repar'") == set()
    assert ids(client, "title ~ 書館") == {kanji.pk}
    assert ids(client, "title ~ '! ?'") == set()
    assert len(ids(client, "text ~ strasse")) == 2
    assert ids(client, "text ~ WEB-1") == set()  # no key


def test_fi2_days_are_those_of_the_profile_or_of_tz(api, project, owner):
    midnight = "2026-11-27T18:15:00Z"  # in Kathmandu
    task = TaskFactory(project=project, due_date=midnight)
    client = api(owner)

    assert ids(client, "due = 2026-11-27") == {task.pk}
    assert ids(client, "due = 2026-11-28", tz="Asia/Kathmandu") == {task.pk}
    owner.timezone = "Asia/Kathmandu"
    owner.save(update_fields=["timezone"])
    assert ids(client, "due = 2026-11-28") == {task.pk}
    assert ids(client, "due < 2026-11-28") == set()
    assert ids(client, "due = 2026-11-27", tz="UTC") == {task.pk}
    assert ids(client, f"due = {midnight}") == {task.pk}


@pytest.mark.parametrize("zone", ["Mars/Olympus", "../../etc/passwd", "UTC\x00", "localtime", "x" * 3_000, "Europe"])
def test_a_wrong_zone_is_rejected_where_it_is(api, owner, zone):
    for url in ("/api/tasks/", "/api/tasks/statistics/", "/api/tasks/filter/explain/"):
        answer = api(owner).get(url, {"tz": zone, "filter": "due = today"})
        assert answer.status_code == 400
        assert [(entry["pointer"], entry["code"]) for entry in answer.json()["errors"]] == [("/tz", "invalid")]


def test_a_zone_that_the_system_does_not_know_any_more_counts_as_utc(api, project, owner):
    type(owner).objects.filter(pk=owner.pk).update(timezone="Atlantis/Capital")
    task = TaskFactory(project=project, due_date="2026-11-27T00:00:00Z")

    assert ids(api(owner), "due = 2026-11-27") == {task.pk}


def test_fi3_a_label_is_a_name_in_any_visible_project_or_an_id(api, project, owner):
    other, hidden = ProjectFactory(owner=owner), ProjectFactory()
    made = [
        Label.objects.create(project=each, name=name, color="#112233")
        for each, name in [(project, "bug"), (other, "BUG"), (hidden, "secret"), (project, "5")]
    ]
    tasks = [TaskFactory(project=label.project) for label in made]
    for task, label in zip(tasks, made, strict=True):
        TaskLabel.objects.create(task=task, label=label, project=task.project)
    first, second, _, third = (task.pk for task in tasks)
    client = api(owner)

    assert ids(client, "label = Bug") == {first, second}
    assert ids(client, f"label in ({made[1].pk}, '5')") == {second, third}
    assert ids(client, "label none (bug)") == {third}
    assert ids(client, "label != bug") == ids(client, "not label = bug") == {third}
    assert ids(client, "label is empty") == set()
    assert error(client, "label in (bug, secret)") == ("does_not_exist", 15, 6)
    assert error(client, f"label = {made[2].pk}")[:2] == ("does_not_exist", 8)
    explained = client.get("/api/tasks/filter/explain/", {"filter": f"label none (bug) or label = {made[0].pk}"}).json()
    assert explained["resolved"] == {"bug": [made[0].pk, made[1].pk], str(made[0].pk): [made[0].pk]}
    assert explained["warnings"] == ["The label `bug` exists in 2 projects; both count."]


def test_watching_is_the_lists_parameter_and_watchers_are_those_of_the_tasks_list(api, project, owner, member):
    tasks = [TaskFactory(project=project, created_by=person) for person in (owner, member, None)]
    api(owner).put(f"/api/tasks/{tasks[2].pk}/watch/", {"level": "all"})
    api(owner).delete(f"/api/tasks/{tasks[0].pk}/watch/")
    Watch.objects.create(user=member, project=project, level="all", reason="self")

    for person in (owner, member):
        listed = api(person).get("/api/tasks/?watching=me").json()["results"]
        assert ids(api(person), "watching") == {row["id"] for row in listed}
        lists = {task.pk: api(owner).get(f"/api/tasks/{task.pk}/watchers/").json()["results"] for task in tasks}
        expected = {pk for pk, rows in lists.items() if person.pk in [row["user"]["id"] for row in rows]}
        assert ids(api(owner), f"watcher = {person.username}") == expected
        assert ids(api(person), "watcher in (me)") == expected
    assert ids(api(owner), "watcher = me") == {tasks[2].pk}


@pytest.mark.parametrize(
    ("text", "near"),
    [("assignee = ownr", "owner"), ("label = Bgu", "Bug"), ("project = WBE", "WEB"), ("creator = outsidr", None)],
)
def test_fi5_an_unknown_name_says_what_may_have_been_meant_among_what_the_reader_sees(
    api, project, owner, outsider, text, near
):
    Label.objects.create(project=project, name="Bug", color="#112233")
    Label.objects.create(project=ProjectFactory(owner=outsider), name="Bgu", color="#112233")

    [error] = api(owner).get("/api/tasks/", {"filter": text}).json()["errors"]

    assert error["code"] == "does_not_exist"
    assert error["expected"] == ([near] if near else [])
    assert ("did you mean" in error["detail"]) == bool(near)

"""One task by what it is elsewhere (contract IM11)."""

from __future__ import annotations

from urllib.parse import quote

import pytest

from apps.common.tests.races import at_once, statuses
from apps.notifications.models import Notification
from apps.projects.models import Activity
from apps.projects.tests.factories import ProjectFactory
from apps.tasks.external.keys import ExternalKey, find_task
from apps.tasks.external.services import put_task
from apps.tasks.models import Label, Task
from apps.tasks.tests.assertions import kinds_and_recipients, snapshot
from apps.tasks.tests.factories import TaskFactory
from apps.tokens.tests.factories import make_token

pytestmark = pytest.mark.django_db


def path(project, external_id="PROJ-9", source="jira") -> str:
    return f"/api/projects/{project.pk}/tasks/by-external/{source}/{quote(external_id, safe='')}/"


def codes(response) -> tuple[int, str, list[tuple[str, str]]]:
    problem = response.json()
    return response.status_code, problem["code"], [(e["pointer"], e["code"]) for e in problem.get("errors", [])]


def test_im11_the_first_put_creates_the_second_changes_nothing_and_another_updates(api, project, member, owner):
    client = api(member)
    body = {"title": "Fix it", "status": "in_progress", "assigned_to": owner.pk}

    first = client.put(path(project), body)
    before = snapshot()
    again = client.put(path(project), body)

    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json()["external"] == {"source": "jira", "id": "PROJ-9"}
    assert (first["ETag"], first.json()) == (again["ETag"], again.json())
    assert snapshot() == before
    assert ("task_assigned", "owner") in kinds_and_recipients()

    other = client.put(path(project), {"priority": "high"})
    shown = client.get(path(project))
    assert (other.status_code, other.json()["version"], other.json()["title"]) == (200, 2, "Fix it")
    assert shown.json() == other.json() == client.get(f"/api/tasks/{first.json()['id']}/").json()
    assert client.get(path(project), headers={"If-None-Match": shown["ETag"]}).status_code == 304
    assert list(Activity.objects.order_by("seq").values_list("type", flat=True)) == ["task.created", "task.updated"]


@pytest.mark.parametrize(
    "external_id", ["a/b", "/", "a/", "ünï ☃", "v1.2..3", "..", "%2F", "a b?c=d#e", "line\nbreak\n", "x" * 255]
)
def test_im11_an_id_is_any_text(api, project, member, external_id):
    made = api(member).put(path(project, external_id), {"title": "x"})

    assert (made.status_code, made.json()["external"]["id"]) == (201, external_id)
    assert api(member).get(path(project, external_id)).json() == made.json()
    assert find_task(project.pk, ExternalKey("jira", external_id)).pk == made.json()["id"]


@pytest.mark.parametrize(
    ("source", "external_id", "faults"),
    [
        ("Jira", "1", [("/source", "invalid")]),
        ("a" * 41, "1", [("/source", "invalid")]),
        ("jira", "x" * 256, [("/external_id", "max_length")]),
        ("jira", "a\0b", [("/external_id", "null_characters_not_allowed")]),
    ],
)
def test_im11_what_no_key_can_be_is_found_nowhere_and_not_taken(api, project, member, source, external_id, faults):
    there = path(project, external_id, source)
    assert api(member).get(there).status_code == 404
    assert codes(api(member).put(there, {"title": "x"})) == (400, "validation_error", faults)


def test_im11_bytes_that_are_no_utf8_are_an_id_of_their_own_or_none_but_no_error_of_ours(api, project, member):
    answer = api(member).put(f"/api/projects/{project.pk}/tasks/by-external/jira/%ff%ED%A0%80/", {"title": "x"})
    assert answer.status_code in {201, 400, 404}


def test_im11_a_new_task_needs_a_title_and_the_project_is_that_of_the_path(api, project, member):
    elsewhere = ProjectFactory(owner=member)
    client = api(member)

    faults = codes(client.put(path(project), {"priority": "huge"}))[2]
    assert sorted(faults) == [("/priority", "invalid_choice"), ("/title", "required")]
    assert codes(client.put(path(project), {"title": "x", "project": elsewhere.pk}))[2] == [("/project", "invalid")]
    unseen = ProjectFactory()
    assert codes(client.put(path(project), {"title": "x", "project": unseen.pk}))[2] == [("/project", "does_not_exist")]
    assert Task.objects.count() == 0

    made = client.put(path(project), {"title": "x", "project": project.pk})
    assert made.status_code == 201
    assert client.put(path(project), made.json()).status_code == 200
    assert client.put(path(project), {}).json() == made.json()


def test_im11_labels_are_found_at_the_word_that_names_them(api, project, member):
    label = Label.objects.create(project=project, name="bug", color="#ff0000")
    client = api(member)

    wrong = client.put(path(project), {"title": "x", "labels_add": [label.pk, 10**9], "labels_remove": [10**9 + 1]})
    assert codes(wrong)[2] == [("/labels_add/1", "does_not_exist"), ("/labels_remove/0", "does_not_exist")]
    made = client.put(path(project), {"title": "x", "labels_add": [label.pk]})
    assert [each["name"] for each in made.json()["labels"]] == ["bug"]
    assert client.put(path(project), {"labels_remove": [label.pk]}).json()["labels"] == []


def test_im11_if_match_is_honoured_and_creates_nothing(api, project, member):
    client = api(member)
    for tag in ("*", '"1.abc"'):
        assert client.put(path(project), {"title": "x"}, headers={"If-Match": tag}).status_code == 412
    assert Task.objects.count() == 0

    tag = client.put(path(project), {"title": "x"})["ETag"]
    changed = client.put(path(project), {"title": "y"}, headers={"If-Match": tag})
    stale = client.put(path(project), {"title": "z"}, headers={"If-Match": tag})
    assert (changed.status_code, stale.status_code, stale["ETag"]) == (200, 412, changed["ETag"])


def test_im11_a_task_in_the_trash_keeps_its_key_until_it_is_purged(api, project, owner, viewer):
    client = api(owner)
    pk = client.put(path(project), {"title": "x"}).json()["id"]
    trash = client.delete(f"/api/tasks/{pk}/")["Location"]
    before = snapshot()

    for answer in (client.get(path(project)), client.put(path(project), {"title": "y"})):
        assert (answer.status_code, answer.json()["code"]) == (404, "in_trash")
        assert trash.endswith(f"/{answer.json()['trash_id']}/")
    assert api(viewer).get(path(project)).json()["code"] == "in_trash"
    assert snapshot() == before

    assert client.delete(trash).status_code == 204
    assert client.put(path(project), {"title": "y"}).status_code == 201


def test_im11_the_rules_of_projects_hold(api, project, owner, outsider):
    client = api(owner)
    client.put(path(project), {"title": "x"})
    client.post(f"/api/projects/{project.pk}/archive/")
    for key in ("PROJ-9", "PROJ-10"):
        assert codes(client.put(path(project, key), {"title": "y"}))[:2] == (409, "project_archived")
    assert client.get(path(project)).status_code == 200

    client.post(f"/api/projects/{project.pk}/unarchive/")
    assert client.delete(f"/api/projects/{project.pk}/").status_code == 204
    for answer in (client.get(path(project)), client.put(path(project), {"title": "y"})):
        assert (answer.status_code, answer.json()["code"]) == (404, "in_trash")
    assert api(outsider).put(path(project), {"title": "y"}).json()["code"] == "not_found"


def test_im11_a_token_needs_the_scope_of_tasks_and_the_project(api, project, member):
    elsewhere = ProjectFactory(owner=member)
    writes = make_token(member, scopes=["tasks:write"], projects=[project])
    reads = make_token(member, scopes=["tasks:read"], projects=[project])

    def asked(made):
        client = api()
        client.credentials(HTTP_AUTHORIZATION=f"Bearer {made.text}")
        return client

    assert asked(reads).put(path(project), {"title": "x"}).json()["required_scopes"] == ["tasks:write"]
    assert asked(writes).get(path(project)).status_code == 403
    assert asked(writes).put(path(project), {"title": "x"}).status_code == 201
    assert asked(reads).get(path(project)).status_code == 200
    assert asked(writes).put(path(elsewhere), {"title": "x"}).status_code == 404


def test_im11_what_a_task_is_elsewhere_is_shown_and_not_written_by_other_routes(api, project, member):
    client = api(member)
    body = {"title": "x", "project": project.pk, "external": {"source": "jira", "id": "PROJ-9"}}
    made = client.post("/api/tasks/", body).json()

    assert made["external"] is None
    assert client.patch(f"/api/tasks/{made['id']}/", {"external": None, "title": "y"}).json()["external"] is None
    assert client.get(path(project)).status_code == 404


def test_im11_a_task_that_moves_away_while_it_is_put_is_left_alone_there(api, project, owner, monkeypatch):
    """The look-up finds it here, the lock elsewhere: the write starts again, or is rejected inside another one."""
    elsewhere = ProjectFactory(owner=owner)
    moved = TaskFactory(project=project, title="Old", external_source="jira", external_id="PROJ-9")
    real, runs = find_task, []

    def found(project_id, key):
        task = real(project_id, key)
        if not runs:
            Task.objects.filter(pk=moved.pk).update(project=elsewhere)
        runs.append(task)
        return task

    monkeypatch.setattr("apps.tasks.external.services.find_task", found)
    with pytest.raises(Exception, match="Not found"):
        put_task(actor=owner, project_id=project.pk, key=ExternalKey("jira", "PROJ-9"), fields={"title": "New"})
    assert (runs[0].pk, Notification.objects.count()) == (moved.pk, 0)


@pytest.mark.django_db(transaction=True)
def test_im11_eight_at_once_make_one_task(api, project, member):
    clients = [api(member) for _ in range(8)]

    results = at_once(*[lambda c=c, n=n: c.put(path(project), {"title": f"From {n}"}) for n, c in enumerate(clients)])

    assert sorted(statuses(results)) == [200] * 7 + [201]
    assert (Task.objects.count(), Task.objects.get().version) == (1, 8)

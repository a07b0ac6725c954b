"""`labels`, `labels_add` and `labels_remove` in writes of tasks (contract LA1, LA3 to LA5, LA11)."""

import pytest

from apps.notifications.models import Notification
from apps.projects.models import Activity, Project
from apps.projects.tests.factories import ProjectFactory
from apps.tasks.labels.serializers import ENTRIES_MAX
from apps.tasks.labels.tests.label_helpers import errors_of, events, make_labels, names_of, put_on, task_url
from apps.tasks.models import TaskLabel
from apps.tasks.tests.assertions import kinds_and_recipients, snapshot
from apps.tasks.tests.factories import TaskFactory
from apps.tasks.wording import changes_in_words

pytestmark = pytest.mark.django_db


def test_la3_a_task_is_created_with_labels(api, project, member):
    bug, ui = make_labels(project, "bug", "UI")

    response = api(member).post("/api/tasks/", {"project": project.pk, "title": "x", "labels": [ui.pk, bug.pk, ui.pk]})

    assert response.status_code == 201
    assert response.json()["labels"] == [
        {"id": bug.pk, "name": "bug", "color": "#c8473f"},
        {"id": ui.pk, "name": "UI", "color": "#c8473f"},
    ]
    [event] = events(project, "task.created")
    assert event.changes["labels"] == {
        "from": None,
        "to": [{"id": bug.pk, "name": "bug"}, {"id": ui.pk, "name": "UI"}],
    }


def test_la3_only_the_whole_set_is_known_when_a_task_is_created(api, project, member):
    body = {"project": project.pk, "title": "x", "labels_add": [], "labels_remove": []}

    assert errors_of(api(member).post("/api/tasks/", body)) == [
        ("/labels_add", "unknown_field"),
        ("/labels_remove", "unknown_field"),
    ]


@pytest.mark.parametrize("method", ["patch", "put"])
def test_la3_the_set_is_replaced_or_changed(api, project, member, task, method):
    a, b, c = make_labels(project, "a", "b", "c")
    put_on(task, a, b)

    def write(**fields):
        return getattr(api(member), method)(task_url(task), {"title": task.title} | fields)

    assert write(labels_add=[c.pk], labels_remove=[a.pk]).status_code == 200
    assert names_of(task) == ["b", "c"]
    assert write(labels=[a.pk]).json()["labels"] == [{"id": a.pk, "name": "a", "color": "#c8473f"}]
    assert write(labels=[]).json()["labels"] == []
    assert write(description="new").json()["labels"] == []


def test_la3_the_objects_read_are_taken_and_a_task_can_be_sent_back(api, project, member, task):
    labels = make_labels(project, "a", "b")
    put_on(task, *labels)
    client = api(member)
    shown = client.get(task_url(task))

    again = client.put(task_url(task), shown.json())

    assert again.json() == shown.json()
    assert again["ETag"] == shown["ETag"]
    assert Activity.objects.count() == 0
    only = client.patch(task_url(task), {"labels_remove": [shown.json()["labels"][0]]}).json()
    assert [label["name"] for label in only["labels"]] == ["b"]


def test_la3_adding_what_is_there_and_removing_what_is_not_changes_nothing(api, project, member, task):
    a, b = make_labels(project, "a", "b")
    put_on(task, a)
    before = snapshot()

    same = {"labels": [a.pk, a.pk]}
    for body in ({"labels_add": [a.pk]}, {"labels_remove": [b.pk]}, {"labels_add": [], "labels_remove": []}, same):
        response = api(member).patch(task_url(task), body)
        assert (response.status_code, response.json()["version"]) == (200, 1)

    assert snapshot() == before
    assert names_of(task) == ["a"]


@pytest.mark.parametrize(
    ("body", "pointers"),
    [
        ({"labels": [1], "labels_add": [2]}, ["/labels"]),
        ({"labels": [], "labels_remove": []}, ["/labels"]),
        ({"labels_add": [1, 2], "labels_remove": [2]}, ["/labels_add"]),
        ({"labels_add": [{"id": 2, "name": "x"}], "labels_remove": ["2"]}, ["/labels_add"]),
        ({"labels": [1], "labels_add": [2], "labels_remove": [2]}, ["/labels", "/labels_add"]),
    ],
)
def test_la3_what_contradicts_itself_is_rejected(api, member, task, body, pointers):
    response = api(member).patch(task_url(task), body | {"title": "not written"})

    assert response.status_code == 400
    assert errors_of(response) == [(pointer, "contradiction") for pointer in pointers]
    task.refresh_from_db()
    assert task.title != "not written"


@pytest.mark.parametrize("field", ["labels", "labels_add", "labels_remove"])
def test_la4_a_foreign_or_absent_label_is_named_by_its_index_and_nothing_is_written(api, project, owner, task, field):
    a, b = make_labels(project, "a", "b")
    [foreign] = make_labels(ProjectFactory(owner=owner), "a")
    put_on(task, a)
    before = snapshot()

    response = api(owner).patch(
        task_url(task), {"title": "not written", field: [a.pk, b.pk, foreign.pk, 10**17, foreign.pk]}
    )

    assert response.status_code == 400
    assert errors_of(response) == [(f"/{field}/{index}", "does_not_exist") for index in (2, 3, 4)]
    assert snapshot() == before
    assert names_of(task) == ["a"]


def test_la4_a_task_is_not_created_with_a_label_of_another_project(api, project, owner):
    [foreign] = make_labels(ProjectFactory(owner=owner), "a")
    before = snapshot()

    response = api(owner).post("/api/tasks/", {"project": project.pk, "title": "x", "labels": [foreign.pk]})

    assert errors_of(response) == [("/labels/0", "does_not_exist")]
    assert snapshot() == before


@pytest.mark.parametrize("field", ["labels", "labels_add", "labels_remove"])
@pytest.mark.parametrize(
    ("value", "errors"),
    [
        (None, [("", "null")]),
        ("bug", [("", "not_a_list")]),
        ({"id": 1}, [("", "not_a_list")]),
        (7, [("", "not_a_list")]),
        (["bug"], [("/0", "invalid")]),
        ([None], [("/0", "null")]),
        ([{}], [("/0", "invalid")]),
        ([{"id": None}], [("/0", "invalid")]),
        ([True], [("/0", "invalid")]),
        ([1.0], [("/0", "invalid")]),
        ([0], [("/0", "min_value")]),
        ([2**63], [("/0", "max_value")]),
        ([[1]], [("/0", "invalid")]),
        ([1] * (ENTRIES_MAX + 1), [("", "max_length")]),
    ],
)
def test_labels_are_a_list_of_ids_or_of_labels(api, member, task, field, value, errors):
    response = api(member).patch(task_url(task), {field: value})

    assert response.status_code == 400
    assert errors_of(response) == [(f"/{field}{pointer}", code) for pointer, code in errors]


def test_la1_a_task_carries_at_most_20_labels(api, project, member, task):
    labels = make_labels(project, *(f"label {number:02}" for number in range(21)))
    ids = [label.pk for label in labels]
    client = api(member)

    assert client.patch(task_url(task), {"labels": ids[:20] * 2}).status_code == 200
    answers = [
        client.patch(task_url(task), {"labels_add": ids[20:], "title": "not written"}),
        client.patch(task_url(task), {"labels": ids}),
        client.post("/api/tasks/", {"project": project.pk, "title": "not written", "labels": ids}),
    ]

    for answer in answers:
        assert (answer.status_code, answer.json()["code"], answer.json()["limit"]) == (409, "too_many_labels", 20)
    assert not Activity.objects.filter(changes__title__to="not written").exists()
    swapped = client.patch(task_url(task), {"labels_add": ids[20:], "labels_remove": ids[:1]})
    assert (swapped.status_code, len(swapped.json()["labels"])) == (200, 20)


def test_la5_a_change_of_labels_is_one_version_one_event_and_a_notification(api, project, owner, member):
    a, b = make_labels(project, "a", "b")
    task = TaskFactory(project=project, created_by=owner)
    put_on(task, a)

    shown = api(member).patch(task_url(task), {"labels_add": [b.pk], "priority": "high"}).json()

    assert shown["version"] == 2
    [event] = events(project, "task.updated")
    assert (event.verb, event.version, event.task_id) == ("updated", 2, task.pk)
    assert event.changes == {
        "priority": {"from": "medium", "to": "high"},
        "labels": {"from": [{"id": a.pk, "name": "a"}], "to": [{"id": a.pk, "name": "a"}, {"id": b.pk, "name": "b"}]},
    }
    assert kinds_and_recipients() == {("task_updated", "owner")}


def test_la5_a_notification_says_the_names(api, project, owner, member):
    task = TaskFactory(project=project, created_by=owner)
    a, b, c = make_labels(project, "a", "b", "c")
    put_on(task, c)
    api(member).patch(task_url(task), {"labels": [b.pk, a.pk]})

    [row] = Notification.objects.filter(recipient=owner)

    [change] = changes_in_words(row.data["changes"], people={}, zone="UTC")
    assert (change.label, change.old, change.new) == ("Labels", "c", "a, b")


def test_la5_a_stale_tag_is_rejected_and_a_fresh_one_is_not(api, project, member, task):
    [a] = make_labels(project, "a")
    client = api(member)
    tag = client.get(task_url(task))["ETag"]

    first = client.patch(task_url(task), {"labels_add": [a.pk]}, headers={"If-Match": tag})
    second = client.patch(task_url(task), {"labels_remove": [a.pk]}, headers={"If-Match": tag})

    assert (first.status_code, second.status_code) == (200, 412)
    assert names_of(task) == ["a"]


def test_la11_labels_of_a_task_are_in_the_order_of_names_in_lists_and_alone(api, project, viewer, task):
    labels = make_labels(project, "zebra", "Ärger", "arm", "bug", "Bug report", "10%")
    put_on(task, *labels)
    expected = ["10%", "Ärger", "arm", "bug", "Bug report", "zebra"]

    alone = api(viewer).get(task_url(task)).json()
    [row] = api(viewer).get("/api/tasks/").json()["results"]

    assert [label["name"] for label in alone["labels"]] == expected
    assert row["labels"] == alone["labels"]


def test_la10_labels_of_a_task_in_an_archived_project_stay(api, project, member, task):
    [a] = make_labels(project, "a")
    Project.objects.filter(pk=project.pk).update(archived_at=project.created_at)

    response = api(member).patch(task_url(task), {"labels_add": [a.pk]})

    assert (response.status_code, response.json()["code"]) == (409, "project_archived")
    assert not TaskLabel.objects.exists()


def test_a_viewer_and_a_commenter_cannot_label(api, project, viewer, commenter, task):
    [a] = make_labels(project, "a")

    for person in (viewer, commenter):
        assert api(person).patch(task_url(task), {"labels_add": [a.pk]}).status_code == 403

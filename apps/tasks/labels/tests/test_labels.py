"""The labels of a project: create, read, change, delete."""

import pytest

from apps.projects.models import Activity, Project
from apps.projects.tests.factories import ProjectFactory
from apps.tasks.labels.tests.label_helpers import (
    errors_of,
    events,
    label_url,
    labels_url,
    make_labels,
    names_of,
    put_on,
    task_url,
)
from apps.tasks.models import Label
from apps.tasks.tests.factories import TaskFactory

pytestmark = pytest.mark.django_db


def test_a_label_is_shown_as_it_was_written(api, project, member):
    response = api(member).post(
        labels_url(project), {"name": "  Bug ", "color": "#AABBCC", "description": "What is broken"}
    )

    label = Label.objects.get()
    assert response.status_code == 201
    assert response.json() == {
        "id": label.pk,
        "project": project.pk,
        "name": "Bug",
        "color": "#aabbcc",
        "text_color": "#000000",
        "description": "What is broken",
        "tasks_count": 0,
    }
    assert api(member).get(label_url(label)).json() == response.json()
    [event] = events(project, "label.created")
    assert (event.verb, event.object_id, event.changes) == (
        "label_created",
        label.pk,
        {"name": {"from": None, "to": "Bug"}},
    )


@pytest.mark.parametrize("other", ["BUG", "ｂｕｇ", "b\u00adug", " bug "])
def test_la1_a_name_is_taken_by_whatever_has_the_same_normal_form(api, project, member, other):
    [label] = make_labels(project, "bug")

    response = api(member).post(labels_url(project), {"name": other})

    assert (response.status_code, response.json()["code"]) == (409, "label_exists")
    assert response.json()["existing"] == {"id": label.pk, "name": "bug", "color": "#c8473f"}
    assert Label.objects.count() == 1


def test_la1_a_taken_name_is_rejected_when_renaming_but_another_case_of_the_own_is_not(api, project, member):
    bug, feature = make_labels(project, "bug", "feature")

    taken = api(member).patch(label_url(feature), {"name": "Bug"})
    own = api(member).patch(label_url(bug), {"name": "Bug"})

    assert (taken.status_code, taken.json()["existing"]["id"]) == (409, bug.pk)
    assert (own.status_code, own.json()["name"]) == (200, "Bug")


def test_la1_another_project_may_have_the_same_name(api, project, owner):
    make_labels(ProjectFactory(owner=owner), "bug")

    assert api(owner).post(labels_url(project), {"name": "bug"}).status_code == 201


def test_la1_a_project_has_no_more_labels_than_the_limit(api, project, member, settings):
    settings.LABELS_MAX_PER_PROJECT = 2
    make_labels(project, "one", "two")

    response = api(member).post(labels_url(project), {"name": "three"})

    assert (response.status_code, response.json()["code"], response.json()["limit"]) == (409, "too_many_labels", 2)
    assert api(member).post(labels_url(project), {"name": "ONE"}).json()["code"] == "label_exists"


@pytest.mark.parametrize(
    ("name", "color"),
    [("bug", "#8d58b8"), ("BUG", "#8d58b8"), ("Straße", "#b84f97"), ("日本", "#8d58b8")],
)
def test_la2_the_name_chooses_the_colour(api, project, member, name, color):
    made = api(member).post(labels_url(project), {"name": name}).json()

    assert made["color"] == color


@pytest.mark.parametrize("color", ["#FFF", "red", "#12345g", "#1234567", "#123456\n", "", 0x123456, None])
def test_a_colour_is_rrggbb(api, project, member, color):
    response = api(member).post(labels_url(project), {"name": "bug", "color": color})

    assert response.status_code == 400
    assert errors_of(response) == [("/color", "null" if color is None else "invalid")]


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("", "blank"),
        (" \t ", "blank"),
        ("\u200b\u2060", "blank"),
        ("a\nb", "invalid_characters"),
        ("a\x7fb", "invalid_characters"),
        ("a\u2028b", "invalid_characters"),
        ("a\u202eb", "invalid_characters"),
        ("x" * 51, "max_length"),
        (None, "null"),
        (5, "invalid"),
        (["bug"], "invalid"),
    ],
)
def test_a_name_is_one_line_of_1_to_50_characters(api, project, member, name, code):
    response = api(member).post(labels_url(project), {"name": name})

    assert response.status_code == 400
    assert ("/name", code) in errors_of(response)
    assert Label.objects.count() == 0


@pytest.mark.parametrize("name", ["x" * 50, "🏳️‍🌈", "c++", "name:bug", "7", "ﷺ" * 50])
def test_any_other_text_is_a_name(api, project, member, name):
    assert api(member).post(labels_url(project), {"name": name}).json()["name"] == name


def test_all_faults_of_a_body_are_named_at_once(api, project, member):
    response = api(member).post(labels_url(project), {"color": "red", "description": "x" * 201, "colour": "#000000"})

    assert sorted(errors_of(response)) == [
        ("/color", "invalid"),
        ("/colour", "unknown_field"),
        ("/description", "max_length"),
        ("/name", "required"),
    ]


def test_an_edit_is_one_event_and_leaves_the_versions_of_tasks(api, project, member, task):
    [label] = make_labels(project, "bug")
    put_on(task, label)
    before = api(member).get(task_url(task))

    response = api(member).patch(label_url(label), {"name": "defect", "color": "#000000", "tasks_count": 9, "id": 1})

    shown = response.json()
    assert (shown["name"], shown["text_color"], shown["tasks_count"], shown["id"]) == ("defect", "#ffffff", 1, label.pk)
    [event] = events(project, "label.updated")
    assert event.changes == {
        "name": {"from": "bug", "to": "defect"},
        "color": {"from": "#c8473f", "to": "#000000"},
    }
    after = api(member).get(task_url(task))
    assert after.json()["version"] == before.json()["version"]
    assert after["ETag"] != before["ETag"]


def test_an_edit_that_changes_nothing_writes_nothing(api, project, member):
    [label] = make_labels(project, "bug")

    for body in ({}, {"name": "bug"}, {"color": "#C8473F"}):
        assert api(member).patch(label_url(label), body).status_code == 200

    assert Activity.objects.count() == 0


def test_la7_deleting_takes_it_off_all_tasks_and_leaves_their_versions(api, project, admin, member):
    bug, other = make_labels(project, "bug", "other")
    active, archived = TaskFactory(project=project), TaskFactory(project=project)
    trashed = TaskFactory(project=project, created_by=member)
    for task in (active, archived, trashed):
        put_on(task, bug, other)
    api(member).post(f"{task_url(archived)}archive/", {})
    api(member).delete(task_url(trashed))
    before = {task.pk: (task.refresh_from_db(), task.version)[1] for task in (active, archived, trashed)}
    tag = api(member).get(task_url(active))["ETag"]

    response = api(admin).delete(label_url(bug))

    assert response.status_code == 204
    for task in (active, archived, trashed):
        task.refresh_from_db()
        assert names_of(task) == ["other"]
        assert task.version == before[task.pk]
    assert api(member).get(task_url(active))["ETag"] != tag
    [event] = events(project, "label.deleted")
    assert (event.object_id, event.changes) == (bug.pk, {"name": {"from": "bug", "to": None}})
    assert api(admin).delete(label_url(bug)).status_code == 404


def test_la10_an_archived_project_is_read_only(api, project, admin):
    bug, other = make_labels(project, "bug", "other")
    Project.objects.filter(pk=project.pk).update(archived_at=project.created_at)
    client = api(admin)

    answers = [
        client.post(labels_url(project), {"name": "new"}),
        client.patch(label_url(bug), {"name": "new"}),
        client.patch(label_url(bug), {}),
        client.delete(label_url(bug)),
        client.post(f"{label_url(bug)}merge/", {"into": other.pk}),
        client.post(f"{label_url(bug)}merge/", {"into": other.pk, "dry_run": True}),
    ]

    assert [(answer.status_code, answer.json()["code"]) for answer in answers] == [(409, "project_archived")] * 6
    assert client.get(labels_url(project)).status_code == 200
    assert client.post(f"{label_url(bug)}merge/", {"into": 0}).status_code == 400


def test_the_list_is_by_name_as_people_sort_and_can_be_walked_in_any_order(api, project, viewer):
    made = make_labels(project, "zebra", "Ärger", "bug", "Bugs", "arm", "10%")
    client = api(viewer)
    expected = ["10%", "Ärger", "arm", "bug", "Bugs", "zebra"]

    def walked(ordering):
        found, url = [], f"{labels_url(project)}?page_size=2&ordering={ordering}"
        while url:
            page = client.get(url).json()
            found += [label["name"] for label in page["results"]]
            url = page["next"]
        return found

    assert walked("name") == expected
    assert walked("-name") == expected[::-1]
    assert walked("id") == [label.name for label in made]
    assert walked("-id") == [label.name for label in made][::-1]
    assert [label["name"] for label in client.get(labels_url(project)).json()["results"]] == expected
    assert client.get(f"{labels_url(project)}?ordering=color").status_code == 400


@pytest.mark.parametrize(
    ("search", "found"),
    [("BUG", ["bug", "old bugs"]), ("d b", ["old bugs"]), ("0%", ["10%"]), ("_", []), ("++", ["c++"])],
)
def test_search_finds_a_part_of_the_name(api, project, viewer, search, found):
    make_labels(project, "bug", "old bugs", "10%", "100", "c++")

    shown = api(viewer).get(labels_url(project), {"search": search}).json()["results"]

    assert [label["name"] for label in shown] == found


def test_the_count_leaves_out_the_trash_and_costs_no_statement_per_label(
    api, project, member, django_assert_max_num_queries
):
    labels = make_labels(project, *(f"label {number:02}" for number in range(30)))
    kept, trashed = TaskFactory(project=project), TaskFactory(project=project, created_by=member)
    put_on(kept, *labels)
    put_on(trashed, *labels[:10])
    client = api(member)
    assert client.get(labels_url(project)).json()["results"][0]["tasks_count"] == 2
    client.delete(task_url(trashed))

    with django_assert_max_num_queries(4):
        shown = client.get(f"{labels_url(project)}?page_size=50").json()["results"]

    assert {label["tasks_count"] for label in shown} == {1}


def test_put_is_not_a_method_and_strangers_find_nothing(api, project, member, outsider):
    [label] = make_labels(project, "bug")
    [elsewhere] = make_labels(ProjectFactory(owner=member), "bug")

    assert api(member).put(label_url(label), {"name": "x"}).status_code == 405
    assert api(outsider).get(label_url(label)).status_code == 404
    assert api(member).get(f"{labels_url(project)}{elsewhere.pk}/").status_code == 404


def test_who_may_do_what(api, project, viewer, commenter, member, admin):
    [label, other] = make_labels(project, "bug", "other")

    def answers(person):
        client = api(person)
        return [
            client.get(labels_url(project)).status_code,
            client.post(labels_url(project), {"name": person.username}).status_code,
            client.patch(label_url(label), {"description": person.username}).status_code,
            client.post(f"{label_url(label)}merge/", {"into": other.pk, "dry_run": True}).status_code,
            client.delete(f"{labels_url(project)}{make_labels(project, f'of {person.username}')[0].pk}/").status_code,
        ]

    assert answers(viewer) == answers(commenter) == [200, 403, 403, 403, 403]
    assert answers(member) == [200, 201, 200, 403, 403]
    assert answers(admin) == [200, 201, 200, 200, 204]


def test_h2_a_repeated_creation_with_a_key_is_one_label(api, project, member):
    client = api(member)
    first = client.post(labels_url(project), {"name": "bug"}, headers={"Idempotency-Key": "k"})
    again = client.post(labels_url(project), {"name": "bug"}, headers={"Idempotency-Key": "k"})

    assert (first.status_code, again.status_code) == (201, 201)
    assert again.json() == first.json()
    assert Label.objects.count() == 1


def test_h6_members_learn_that_the_project_is_in_the_trash(api, project, owner, outsider):
    [label] = make_labels(project, "bug")
    api(owner).delete(f"/api/projects/{project.pk}/")

    for url in (labels_url(project), label_url(label)):
        assert api(owner).get(url).json()["code"] == "in_trash"
        assert api(outsider).get(url).json()["code"] == "not_found"

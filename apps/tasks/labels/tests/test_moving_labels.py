"""Labels of tasks that move to another project (contract LA9)."""

import pytest

from apps.projects.models import Activity
from apps.projects.tests.factories import ProjectFactory
from apps.tasks.labels.tests.label_helpers import errors_of, events, make_labels, names_of, put_on, task_url
from apps.tasks.models import Label, TaskLabel
from apps.tasks.tests.assertions import snapshot

pytestmark = pytest.mark.django_db


@pytest.fixture
def target(owner):
    return ProjectFactory(owner=owner, key="MOB")


def move(client, task, target, **fields):
    return client.patch(task_url(task), {"project": target.pk} | fields)


def test_la9_labels_go_by_name_and_missing_ones_are_created(api, project, owner, task, target):
    bug, ui = make_labels(project, "bug", "UI")
    Label.objects.filter(pk=ui.pk).update(color="#123456", description="What one sees")
    [there] = make_labels(target, "BUG")
    put_on(task, bug, ui)

    response = move(api(owner), task, target)

    made = Label.objects.get(project=target, name="UI")
    assert response.json()["labels"] == [
        {"id": there.pk, "name": "BUG", "color": "#c8473f"},
        {"id": made.pk, "name": "UI", "color": "#123456"},
    ]
    assert (made.description, Label.objects.filter(project=target).count()) == ("What one sees", 2)
    assert set(TaskLabel.objects.values_list("project_id", flat=True)) == {target.pk}
    assert "dropped_labels" not in response.json()["effects"]
    [created] = events(target, "label.created")
    [moved] = events(target, "task.moved_in")
    assert (created.object_id, created.changes) == (made.pk, {"name": {"from": None, "to": "UI"}})
    assert str(created.batch_id) == str(moved.batch_id) == response["X-Batch-ID"]
    assert created.seq < moved.seq
    assert "labels" not in moved.changes


def test_la9_what_the_target_has_no_room_for_is_dropped_and_named(api, project, owner, task, target, settings):
    settings.LABELS_MAX_PER_PROJECT = 2
    labels = make_labels(project, "one", "two", "three")
    make_labels(target, "Three")
    put_on(task, *labels)

    response = move(api(owner), task, target)

    assert response.json()["effects"]["dropped_labels"] == ["two"]
    assert names_of(task) == ["one", "Three"]
    [left], [entered] = events(project, "task.moved_out"), events(target, "task.moved_in")
    assert [label["name"] for label in left.changes["labels"]["from"]] == ["one", "three", "two"]
    assert left.changes["labels"]["to"] is None
    assert entered.changes["labels"]["from"] is None
    assert [label["name"] for label in entered.changes["labels"]["to"]] == ["one", "Three"]


def test_la9_labels_in_the_body_are_those_of_the_target_and_replace_the_former(api, project, owner, task, target):
    bug, ui = make_labels(project, "bug", "UI")
    [there] = make_labels(target, "legal")
    put_on(task, bug, ui)
    before = snapshot()

    wrong = move(api(owner), task, target, labels=[bug.pk])
    assert errors_of(wrong) == [("/labels/0", "does_not_exist")]
    assert snapshot() == before

    assert [label["id"] for label in move(api(owner), task, target, labels=[there.pk]).json()["labels"]] == [there.pk]
    assert Label.objects.filter(project=target).count() == 1
    assert events(target, "task.moved_in")[0].changes["labels"]["to"] == [{"id": there.pk, "name": "legal"}]


def test_la9_changes_in_the_body_are_made_to_what_came_along(api, project, owner, task, target):
    bug, ui = make_labels(project, "bug", "UI")
    legal, there = make_labels(target, "legal", "ui")
    put_on(task, bug, ui)

    move(api(owner), task, target, labels_add=[legal.pk], labels_remove=[there.pk])

    assert names_of(task) == ["bug", "legal"]


def test_la9_the_project_that_a_task_is_in_already_is_no_move(api, project, owner, task):
    [bug] = make_labels(project, "bug")
    put_on(task, bug)

    assert move(api(owner), task, project).json()["labels"][0]["id"] == bug.pk
    assert Activity.objects.count() == 0


def test_la9_there_and_back_the_task_has_the_same_labels(api, project, owner, task, target):
    labels = make_labels(project, "bug", "UI")
    put_on(task, *labels)
    before = api(owner).get(task_url(task)).json()["labels"]

    move(api(owner), task, target)
    move(api(owner), task, project)

    assert api(owner).get(task_url(task)).json()["labels"] == before


@pytest.mark.django_db(transaction=True)
def test_la9_a_move_that_is_rejected_leaves_no_label_behind(api, project, owner, task, target, settings):
    labels = make_labels(project, *(f"label {number}" for number in range(20)))
    [one] = make_labels(target, "one more")
    put_on(task, *labels)
    before = snapshot()

    response = move(api(owner), task, target, labels_add=[one.pk])

    assert (response.status_code, response.json()["code"]) == (409, "too_many_labels")
    assert snapshot() == before
    assert Label.objects.filter(project=target).count() == 1


def test_tr5_a_restored_task_has_its_labels_but_deleted_ones(api, project, owner, task):
    kept, deleted, merged, into = make_labels(project, "kept", "deleted", "merged", "into")
    put_on(task, kept, deleted, merged)
    client = api(owner)
    entry = client.delete(task_url(task))["Location"]
    client.delete(f"/api/projects/{project.pk}/labels/{deleted.pk}/")
    client.post(f"/api/projects/{project.pk}/labels/{merged.pk}/merge/", {"into": into.pk})

    restored = client.post(f"{entry}restore/", {}).json()

    assert [label["name"] for label in restored["task"]["labels"]] == ["into", "kept"]


def test_labels_end_with_their_task_and_their_project(api, project, owner, task, settings):
    settings.TRASH_DAYS = 0
    [bug] = make_labels(project, "bug")
    put_on(task, bug)
    client = api(owner)

    client.delete(task_url(task))
    assert (TaskLabel.objects.count(), Label.objects.count()) == (0, 1)
    client.delete(f"/api/projects/{project.pk}/")
    assert Label.objects.count() == 0

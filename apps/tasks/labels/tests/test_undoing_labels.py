"""Undo of bulk changes and of moves brings labels back (contract BU9)."""

import pytest

from apps.projects.tests.factories import ProjectFactory
from apps.tasks.labels.tests.label_helpers import make_labels, names_of, put_on, task_url
from apps.tasks.models import Label
from apps.tasks.tests.factories import TaskFactory

pytestmark = pytest.mark.django_db


def bulk(client, task, **changes):
    return client.post("/api/tasks/bulk/", {"ids": [task.pk], "action": "update", "changes": changes})


def undo(client, response):
    return client.post(f"/api/batches/{response['X-Batch-ID']}/undo/", {})


def test_bu9_labels_of_a_bulk_change_come_back(api, project, member, task):
    a, b, c = make_labels(project, "a", "b", "c")
    put_on(task, a, b)
    client = api(member)

    done = bulk(client, task, labels_add=[c.pk], labels_remove=[a.pk])
    assert names_of(task) == ["b", "c"]
    Label.objects.filter(pk=c.pk).update(name="renamed since")

    assert undo(client, done).status_code == 200
    assert names_of(task) == ["a", "b"]


def test_bu9_a_label_that_was_deleted_since_stays_away(api, project, admin, task):
    a, b = make_labels(project, "a", "b")
    put_on(task, a, b)
    client = api(admin)
    done = bulk(client, task, labels=[])
    client.delete(f"/api/projects/{project.pk}/labels/{a.pk}/")

    undo(client, done)

    assert names_of(task) == ["b"]


def merge(client, label, into):
    assert (
        client.post(f"/api/projects/{label.project_id}/labels/{label.pk}/merge/", {"into": into.pk}).status_code == 200
    )


def test_bu9_tr8_a_removed_label_that_was_merged_since_comes_back_as_the_other(api, project, admin, task):
    a, b, c, d = make_labels(project, "a", "b", "c", "d")
    put_on(task, a, d)
    client = api(admin)
    done = bulk(client, task, labels_remove=[a.pk], priority="high")
    merge(client, a, b)
    merge(client, b, c)

    [item] = undo(client, done).json()["results"]

    assert item["result"] == "changed"
    assert [label["name"] for label in item["changes"]["labels"]["to"]] == ["c", "d"]
    assert names_of(task) == ["c", "d"]


def test_bu9_an_added_label_that_was_merged_since_is_taken_off(api, project, admin, task):
    a, b, c = make_labels(project, "a", "b", "c")
    other = TaskFactory(project=project)
    put_on(task, c)
    put_on(other, b)
    client = api(admin)
    done = client.post(
        "/api/tasks/bulk/", {"ids": [task.pk, other.pk], "action": "update", "changes": {"labels_add": [a.pk]}}
    )
    merge(client, a, b)

    results = [item["result"] for item in undo(client, done).json()["results"]]

    assert sorted(results) == ["changed", "unchanged"]
    assert (names_of(task), names_of(other)) == (["c"], ["b"])  # the other one had it before


def test_bu9_a_label_that_was_merged_into_one_deleted_since_stays_away(api, project, admin, task):
    a, b = make_labels(project, "a", "b")
    put_on(task, a)
    client = api(admin)
    done = bulk(client, task, labels=[])
    merge(client, a, b)
    client.delete(f"/api/projects/{project.pk}/labels/{b.pk}/")

    assert undo(client, done).status_code == 200
    assert names_of(task) == []


def test_bu9_labels_changed_since_are_left(api, project, member, task):
    a, b = make_labels(project, "a", "b")
    client = api(member)
    done = bulk(client, task, labels=[a.pk])
    client.patch(task_url(task), {"labels_add": [b.pk]})

    [item] = undo(client, done).json()["results"]

    assert item["result"] != "changed"
    assert names_of(task) == ["a", "b"]


def test_bu9_a_move_that_dropped_labels_brings_them_back(api, project, owner, task, settings):
    settings.LABELS_MAX_PER_PROJECT = 1
    put_on(task, *make_labels(project, "a", "b"))
    target = ProjectFactory(owner=owner, key="MOB")
    client = api(owner)
    moved = client.patch(task_url(task), {"project": target.pk})
    assert names_of(task) == ["a"]

    assert undo(client, moved).status_code == 200
    assert names_of(task) == ["a", "b"]

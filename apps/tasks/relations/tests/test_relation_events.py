"""The events of relations: one in each end's project, with its own side only (contract DE9, E6)."""

from __future__ import annotations

import pytest

from apps.projects.models import Activity
from apps.projects.services import record_events
from apps.tasks.models import Relation
from apps.tasks.relations.services import delete_relation
from apps.tasks.relations.tests.relation_helpers import archive, events, relate, trash_project, url

pytestmark = pytest.mark.django_db


def test_de9_in_one_project_there_is_one_event_of_the_end_in_the_path(api, member, task, second, project):
    made = api(member).post(url(task), {"kind": "blocks", "task": second.pk}).json()
    api(member).delete(url(second, made["id"]))

    here = {"kind": "blocks", "task": {"id": second.pk, "key": "WEB-2"}}
    there = {"kind": "blocked_by", "task": {"id": task.pk, "key": "WEB-1"}}
    assert events(project) == [
        ("relation.created", task.pk, {"relation": {"from": None, "to": here}}),
        ("relation.deleted", second.pk, {"relation": {"from": there, "to": None}}),
    ]
    found = Activity.objects.filter(object_type="relation").order_by("pk")
    assert {(one.object_id, one.version, one.batch_id) for one in found} == {(made["id"], None, None)}


def test_de9_across_projects_each_has_an_event_that_does_not_name_the_other_end(api, owner, task, far):
    relation = relate(task, "blocks", far, actor=owner)
    api(owner).delete(url(far, relation))

    for project, here, kind in ((task.project, task, "blocks"), (far.project, far, "blocked_by")):
        side = {"kind": kind, "task": None}
        assert events(project) == [
            ("relation.created", here.pk, {"relation": {"from": None, "to": side}}),
            ("relation.deleted", here.pk, {"relation": {"from": side, "to": None}}),
        ]


def test_property_3_de4_nothing_of_a_far_end_stands_in_the_history(api, owner, member, task, far):
    relate(task, "blocks", far, actor=owner)

    for path in (f"/api/tasks/{task.pk}/activity/", f"/api/projects/{task.project_id}/activity/"):
        response = api(member).get(path)
        [row] = [row for row in response.json()["results"] if row["type"] == "relation.created"]
        assert (row["verb"], row["task"], row["task_key"]) == ("relation_added", task.pk, "WEB-1")
        assert row["changes"] == {"relation": {"from": None, "to": {"kind": "blocks", "task": None}}}
        assert b"OPS" not in response.content


def test_a_removed_relation_is_in_the_history_of_both_tasks(api, owner, task, far):
    relation = relate(task, "duplicates", far, actor=owner)
    delete_relation(actor=owner, task=task, relation=relation)

    for end in (task, far):
        rows = api(owner).get(f"/api/tasks/{end.pk}/activity/").json()["results"]
        assert [row["verb"] for row in rows] == ["relation_removed", "relation_added"]


def test_e1_a_relation_that_exists_or_is_rejected_writes_no_event(api, member, task, second, project):
    relate(task, "blocks", second)
    api(member).post(url(task), {"kind": "blocks", "task": second.pk})
    api(member).post(url(second), {"kind": "blocks", "task": task.pk})

    assert len(events(project)) == 1


def test_de9_the_far_project_has_its_event_when_it_is_archived_or_in_the_trash(owner, task, far):
    relations = [relate(task, kind, far, actor=owner) for kind in ("blocks", "relates")]
    archive(far.project)
    delete_relation(actor=owner, task=task, relation=relations[0])
    trash_project(far.project)
    delete_relation(actor=owner, task=task, relation=relations[1])

    assert [event[0] for event in events(far.project)] == ["relation.created"] * 2 + ["relation.deleted"] * 2
    assert Relation.objects.count() == 0


@pytest.mark.django_db(transaction=True)
def test_a_failed_event_takes_the_relation_with_it(api, member, task, second, monkeypatch):
    def fail(*args, **options):
        record_events(*args, **options)
        raise RuntimeError

    monkeypatch.setattr("apps.tasks.relations.services.recording.record_event", fail)
    client = api(member)
    client.raise_request_exception = False

    assert client.post(url(task), {"kind": "blocks", "task": second.pk}).status_code == 500
    assert (Relation.objects.count(), Activity.objects.filter(object_type="relation").count()) == (0, 0)


@pytest.mark.parametrize("ends", ["task", "project"])
def test_tr11_a_purge_writes_the_end_of_a_relation_in_the_project_of_the_far_end(api, owner, task, far, ends):
    relation = relate(task, "blocks", far, actor=owner)
    thing = task if ends == "task" else task.project
    entry = api(owner).delete(f"/api/{ends}s/{thing.pk}/")["Location"]
    api(owner).delete(entry)

    assert not Relation.objects.filter(pk=relation.pk).exists()
    gone = events(far.project)[-1]
    assert gone == (
        "relation.deleted",
        far.pk,
        {"relation": {"from": {"kind": "blocked_by", "task": None}, "to": None}},
    )
    assert Activity.objects.get(type="relation.deleted").actor is None

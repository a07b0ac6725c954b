"""What a delivery says: the event and its object, nothing of other projects, not more than 20 KB."""

from __future__ import annotations

from datetime import timedelta

import pytest

from apps.projects.models import Activity
from apps.projects.services import delete_project
from apps.projects.tests.factories import ProjectFactory
from apps.tasks.comments.services import create_comment, delete_comment, edit_comment, erase_version
from apps.tasks.labels.services import create_label
from apps.tasks.relations.services import create_relation
from apps.tasks.services import delete_task, update_task
from apps.tasks.tests.factories import TaskFactory
from apps.tasks.trash.services import purge_entry
from apps.webhooks.models import Delivery
from apps.webhooks.purging import purge_deliveries, still_to_read

pytestmark = pytest.mark.django_db


def test_wh3_the_object_is_shown_as_its_get_shows_it_to_an_admin(api, hook, run, receiver, project, task, owner, admin):
    hook(events=["task.updated", "comment.created", "label.created", "project.updated", "member.added"])
    created = create_comment(actor=owner, task=task, body="Look")
    label = create_label(actor=owner, project_id=project.pk, name="bug")
    task.refresh_from_db()
    update_task(actor=owner, task=task, changes={"title": "Renamed", "labels": [label.pk]})
    api(owner).patch(f"/api/projects/{project.pk}/", {"name": "Renamed"})
    run()

    bodies = {got.json["type"]: got.json["data"] for got in receiver.got}
    paths = {
        "task": f"/api/tasks/{task.pk}/",
        "comment": f"/api/tasks/{task.pk}/comments/{created.pk}/",
        "label": f"/api/projects/{project.pk}/labels/{label.pk}/",
        "project": f"/api/projects/{project.pk}/",
    }
    for name, path in paths.items():
        (data,) = [data for data in bodies.values() if data["object"]["type"] == name]
        assert data[name] == api(admin).get(path).json(), name
    event = Activity.objects.get(type="task.updated")
    data = bodies["task.updated"]
    assert data["actor"] == {"id": owner.pk, "username": "owner", "nickname": owner.nickname, "avatar": None}
    assert (data["seq"], data["project"]) == (event.seq, {"id": project.pk, "key": "WEB"})
    assert data["object"] == {"type": "task", "id": task.pk, "key": task.key, "version": event.version}
    assert (data["origin"], data["changes"], data["left_filter"], data["truncated"]) == (
        event.origin, event.changes, False, False
    )  # fmt: skip


def test_wh3_thin_leaves_actor_changes_and_object_out(hook, run, receiver, task, owner):
    hook(events=["task.updated"], payload="thin")
    update_task(actor=owner, task=task, changes={"title": "Renamed"})

    run()

    assert receiver.got[0].json["data"].keys() == {
        "project", "seq", "batch_id", "origin", "object", "object_ids", "left_filter", "truncated"
    }  # fmt: skip


def test_wh3_what_is_gone_in_the_trash_or_elsewhere_is_null(hook, run, receiver, project, owner):
    hook(events=["task.updated"])
    elsewhere = ProjectFactory(owner=owner, key="OPS")
    moved, trashed = TaskFactory(project=project), TaskFactory(project=project)
    for task in (moved, trashed):
        update_task(actor=owner, task=task, changes={"title": "Secret plan"})
    moved.refresh_from_db()
    update_task(actor=owner, task=moved, changes={"project": elsewhere.pk})
    trashed.refresh_from_db()
    delete_task(actor=owner, task=trashed)

    run()

    assert [got.json["data"]["task"] for got in receiver.got if got.json["type"] == "task.updated"] == [None, None]


def test_wh3_the_far_end_of_a_relation_in_another_project_is_never_shown(hook, run, receiver, project, task, owner):
    hook(events=["*"])
    other = ProjectFactory(owner=owner, key="OPS", name="Hidden canary project")
    far = TaskFactory(project=other, title="Hidden canary task")
    near = TaskFactory(project=project, title="Near")
    create_relation(actor=owner, task=task, kind="blocks", other=far.pk)
    create_relation(actor=owner, task=task, kind="relates", other=near.pk)
    update_task(actor=owner, task=far, changes={"title": "Hidden canary renamed"})

    run()

    # Both go out at once, in no promised order
    by_seq = sorted((got.json for got in receiver.got), key=lambda event: event["data"]["seq"])
    relations = [event["data"]["relation"] for event in by_seq if event["type"] == "relation.created"]
    assert relations[0]["task"] == {"visible": False}
    assert {each["task"].get("title") for each in relations[1:]} <= {"Near", task.title}
    assert all(b"canary" not in got.body and b"OPS" not in got.body for got in receiver.got)
    assert {got.json["data"]["project"]["id"] for got in receiver.got} == {project.pk}


def test_wh4_over_20_kb_the_object_and_then_the_changes_are_left_out(hook, run, receiver, project, task, owner):
    hook(events=["task.updated"])
    update_task(actor=owner, task=task, changes={"description": "x" * 30_000})
    task.refresh_from_db()
    update_task(actor=owner, task=task, changes={"description": "short"})

    run()

    by_seq = sorted((got for got in receiver.got), key=lambda got: got.json["data"]["seq"])
    assert all(len(got.body) <= 20 * 1024 for got in by_seq)
    for got in by_seq:  # the description of then and now is short, the changes are long
        assert got.json["data"]["truncated"] is True
        assert got.json["data"].keys().isdisjoint({"task", "changes"})


def test_wh11_of_a_project_in_the_trash_its_deletion_alone_is_delivered_and_then_its_restoring(
    api, hook, run, receiver, project, task, owner
):
    hook(events=["*"])
    receiver.answers = [500, 204]
    update_task(actor=owner, task=task, changes={"title": "Renamed"})
    run()
    entry = delete_project(actor=owner, project_id=project.pk)
    run()
    run()
    assert [got.json["type"] for got in receiver.got] == ["task.updated", "project.deleted"]
    assert receiver.got[1].json["data"]["project"] == {"id": project.pk, "key": "WEB"}

    assert api(owner).post(f"/api/trash/{entry.pk}/restore/").status_code == 200
    run()

    assert sorted(got.json["type"] for got in receiver.got[2:]) == ["project.restored", "task.updated"]


def test_wh13_the_body_is_blanked_when_its_text_is_erased(hook, run, receiver, project, task, owner):
    hook(events=["comment.*", "task.updated"])
    kept = create_comment(actor=owner, task=task, body="canary one")
    erased = edit_comment(actor=owner, comment=kept, body="canary two")
    run()
    assert all("canary" in row.request_body for row in Delivery.objects.filter(type__startswith="comment."))

    erase_version(actor=owner, comment=erased, number=1)
    assert {row.request_body for row in Delivery.objects.filter(type__startswith="comment.")} == {""}
    other = create_comment(actor=owner, task=task, body="canary three")
    run()
    delete_comment(actor=owner, comment=other)
    assert not Delivery.objects.filter(request_body__contains="canary three").exists()
    task.refresh_from_db()
    update_task(actor=owner, task=task, changes={"title": "canary four"})
    run()
    assert Delivery.objects.filter(request_body__contains="canary four").exists()
    task.refresh_from_db()
    purge_entry(actor=owner, entry=delete_task(actor=owner, task=task))
    assert not Delivery.objects.filter(request_body__contains="canary").exists()


def test_wh13_deliveries_are_kept_for_delivery_days(hook, run, receiver, task, owner, settings):
    settings.DELIVERY_DAYS = 30
    hook(events=["task.updated"])
    update_task(actor=owner, task=task, changes={"title": "Renamed"})
    run()
    created = Delivery.objects.get().created_at

    assert purge_deliveries(now=created + timedelta(days=29)) == 0
    assert purge_deliveries(now=created + timedelta(days=31)) == 1


def test_e8_what_a_webhook_has_still_to_read_is_kept_with_what_is_behind_it(hook, run, receiver, task, owner):
    webhook = hook(events=["task.updated"])
    receiver.answers = [500, 204]
    for title in ("One", "Two"):
        update_task(actor=owner, task=task, changes={"title": title})
        task.refresh_from_db()
    events = Activity.objects.filter(type="task.updated").order_by("seq")
    needed = Activity.objects.filter(still_to_read())
    assert set(events) <= set(needed)

    run()
    failed = Delivery.objects.pending().get()
    assert set(needed.all()) == set(Activity.objects.filter(seq__gte=failed.activity.seq))
    run()
    assert not needed.all().exists()
    assert webhook.cursor_seq < events.last().seq

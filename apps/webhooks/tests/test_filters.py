"""Filters of webhooks: which tasks' events go out, and what becomes of a filter whose words change."""

from __future__ import annotations

import pytest

from apps.notifications.models import Notification
from apps.projects.models import Activity
from apps.projects.tests.factories import ProjectFactory
from apps.tasks.comments.services import create_comment
from apps.tasks.labels.services import create_label, delete_label, merge_label, update_label
from apps.tasks.services import delete_task, update_task
from apps.tasks.tests.factories import TaskFactory
from apps.webhooks.models import Webhook, WebhookMatch
from apps.webhooks.services import update_webhook

pytestmark = pytest.mark.django_db


def change(task, owner, **changes):
    task.refresh_from_db()
    return update_task(actor=owner, task=task, changes=changes)


def sent(receiver):
    return [(got.json["type"], got.json["data"]["left_filter"]) for got in receiver.got]


def test_wh10_events_of_matching_tasks_go_out_and_one_that_leaves_is_sent_once(hook, run, receiver, project, owner):
    task = TaskFactory(project=project, priority="low")
    hook(events=["task.updated", "comment.created", "label.created"], filter="priority >= high")
    change(task, owner, title="Not yet")
    create_comment(actor=owner, task=task, body="Not yet")
    create_label(actor=owner, project_id=project.pk, name="passes")
    run()
    assert sent(receiver) == [("label.created", False)]

    change(task, owner, priority="urgent")
    create_comment(actor=owner, task=task, body="Now")
    run()
    assert sorted(sent(receiver)[1:]) == [("comment.created", False), ("task.updated", False)]
    change(task, owner, priority="low")
    run()
    change(task, owner, title="No more")
    create_comment(actor=owner, task=task, body="No more")
    run()
    assert sent(receiver)[3:] == [("task.updated", True)]
    assert not WebhookMatch.objects.exists()


def test_wh10_tasks_that_match_when_the_filter_is_saved_count_as_matched(hook, run, receiver, project, owner):
    task, other = TaskFactory(project=project, priority="high"), TaskFactory(project=project, priority="low")
    webhook = hook(events=["task.*"])
    update_webhook(actor=owner, webhook=webhook, changes={"filter": "priority >= high"})
    assert list(WebhookMatch.objects.values_list("task_id", flat=True)) == [task.pk]

    change(task, owner, priority="low")
    change(other, owner, title="Never matched")
    run()

    assert sent(receiver) == [("task.updated", True)]


def test_wh10_a_task_that_is_deleted_or_moved_away_leaves(hook, run, receiver, project, owner):
    elsewhere = ProjectFactory(owner=owner, key="OPS")
    deleted, moved = (TaskFactory(project=project, priority="high") for _ in range(2))
    hook(events=["task.deleted", "task.moved_out"], filter="priority = high")
    delete_task(actor=owner, task=deleted)
    change(moved, owner, project=elsewhere.pk)

    run()

    assert sorted(sent(receiver)) == [("task.deleted", True), ("task.moved_out", True)]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("assignee = me", "not_allowed_here"),
        ("watching", "not_allowed_here"),
        ("not unread", "not_allowed_here"),
        ("watcher = owner", "not_allowed_here"),
        ("priority >= 3", "wrong_type"),
        ("priority >", "syntax"),
        ("label = nothing", "does_not_exist"),
        ("parent = OPS-1", "does_not_exist"),
        ("project = OPS", "does_not_exist"),
        ("title ~ " + "x" * 2_000, "too_long"),
    ],
)
def test_fi10_what_needs_a_reader_or_is_of_another_project_is_rejected(api, owner, project, text, code):
    TaskFactory(project=ProjectFactory(owner=owner, key="OPS"))
    answer = api(owner).post(
        f"/api/projects/{project.pk}/webhooks/", {"url": "https://192.0.43.8/", "events": ["*"], "filter": text}
    )

    assert (answer.status_code, answer.json()["code"]) == (400, "filter_invalid")
    assert answer.json()["errors"][0]["code"] == code
    assert not Webhook.objects.exists()


def test_fi10_names_are_looked_up_in_the_project_alone(hook, project, owner, member):
    other = ProjectFactory(owner=owner, key="OPS")
    create_label(actor=owner, project_id=other.pk, name="bug")
    create_label(actor=owner, project_id=project.pk, name="bug")

    webhook = hook(filter="label = bug and assignee in (member, owner) and due < today+7d")

    assert webhook.filter.startswith("label = bug and assignee in (member, owner)")


def test_wh10_a_filter_that_breaks_disables_with_event_and_mail(hook, run, receiver, project, owner, admin, task):
    label = create_label(actor=owner, project_id=project.pk, name="bug")
    webhook = hook(events=["task.updated"], filter="label = bug")
    delete_label(actor=owner, label=label)
    change(task, owner, title="Renamed")

    run()

    webhook.refresh_from_db()
    assert (webhook.state, webhook.disabled_reason) == ("disabled", "filter")
    assert Activity.objects.filter(type="webhook.disabled").count() == 1
    assert {row.recipient_id for row in Notification.objects.filter(kind="webhook_disabled")} == {owner.pk, admin.pk}
    assert receiver.got == []


def test_la8_renaming_and_merging_labels_rewrites_the_filter_with_an_event(api, hook, project, owner):
    bug = create_label(actor=owner, project_id=project.pk, name="bug")
    crash = create_label(actor=owner, project_id=project.pk, name="crash")
    webhook = hook(filter="label = bug")

    update_label(actor=owner, label=bug, changes={"name": "defect"})
    assert Webhook.objects.get().filter == "label = defect"
    merged = merge_label(actor=owner, label=bug, into=crash.pk)

    assert Webhook.objects.get().filter == "label = crash"
    assert merged.webhooks_changed == 1
    assert Activity.objects.filter(type="webhook.updated", object_id=webhook.pk).count() == 2
    assert api(owner).get(f"/api/projects/{project.pk}/webhooks/{webhook.pk}/").json()["filter"] == "label = crash"

"""A batch notifies each person once (N2, BU12); a task that waits no longer (DE8)."""

from __future__ import annotations

import pytest

from apps.batches.context import RunningBatch, acting_in
from apps.common.transactions import run_write
from apps.common.uuid7 import uuid7
from apps.notifications.kinds import KINDS
from apps.notifications.models import Notification
from apps.notifications.reading import load, read
from apps.notifications.tests.outbox_rows import as_read
from apps.projects.events import EventType
from apps.projects.models import Activity
from apps.projects.services import Event, record_events
from apps.tasks.models import Task
from apps.tasks.services import delete_task, update_task
from apps.tasks.tests.assertions import kinds_and_recipients
from apps.tasks.tests.factories import TaskFactory
from apps.tasks.watching.services import notify_batch, notify_unblocked
from apps.tasks.watching.tests.watch_helpers import rows_for, watch, watch_project

ARCHIVED = {"is_archived": (False, True)}


def changed(tasks, actor, *, event_type=EventType.TASK_ARCHIVED, changes=ARCHIVED) -> list[Activity]:
    """Write one event for each task as one batch."""
    events = [Event(type=event_type, changes=changes, task_id=task.pk, task_key=task.key) for task in tasks]
    return run_write(lambda: record_events(tasks[0].project_id, events, actor_id=actor.pk, batch_id=uuid7()))


def summary(row: Notification):
    return read([row])[0]


def test_n2_a_batch_gives_each_recipient_one_row_with_the_number_and_the_first_ten(owner, admin, member, project):
    tasks = [TaskFactory(project=project, title=f"Part {n}") for n in range(12)]
    watch(member, tasks[3])
    events = changed(tasks, admin)

    notify_batch(events, action="archive")

    assert kinds_and_recipients() == {("tasks_changed", "owner"), ("tasks_changed", "member")}
    theirs, one = (Notification.objects.get(recipient=person) for person in (owner, member))
    assert theirs.dedupe_key == f"event:{events[0].batch_id}:0:{owner.pk}"
    assert (theirs.task_id, theirs.project_id, theirs.actor_id) == (None, project.pk, admin.pk)
    assert theirs.data["count"] == 12
    assert [pk for pk, _ in theirs.data["tasks"]] == [task.pk for task in tasks[:10]]
    assert summary(theirs).title == "projectadmin archived 12 tasks"
    assert summary(theirs).body.split("\n\n")[0] == "WEB-1 Part 0"
    assert summary(theirs).body.endswith("… and 2 more.")
    assert (summary(one).title, summary(one).body) == ("projectadmin archived 1 task", "WEB-4 Part 3")


def test_bu12_a_batch_judges_each_task_by_wa3_and_counts_only_what_concerns_the_person(
    owner, admin, member, viewer, project
):
    tasks = [TaskFactory(project=project) for _ in range(4)]
    watch(owner, tasks[0], "none")
    watch(owner, tasks[1], "muted")
    watch_project(viewer, project, "muted")
    Task.objects.filter(pk=tasks[2].pk).update(assigned_to=viewer)

    notify_batch(changed(tasks, admin), action="update")

    assert kinds_and_recipients() == {("tasks_changed", "owner")}
    assert Notification.objects.get().data["count"] == 2


def test_bu12_assignments_of_a_batch_are_in_its_row_even_for_who_muted_the_project(admin, member, project):
    tasks = [TaskFactory(project=project, created_by=admin) for _ in range(2)]
    watch_project(member, project, "muted")
    Task.objects.update(assigned_to=member)
    events = changed(tasks, admin, event_type=EventType.TASK_UPDATED, changes={"assigned_to": (None, member.pk)})

    notify_batch(events, action="update")

    assert rows_for(member) == ["tasks_changed"]
    assert [name for _, name in Notification.objects.get().data["tasks"]] == ["task_assigned"] * 2


def test_wa4_deletions_and_restores_of_a_batch_notify_nobody(owner, admin, project):
    tasks = [TaskFactory(project=project) for _ in range(2)]

    notify_batch(changed(tasks, admin, event_type=EventType.TASK_DELETED, changes={}), action="delete")
    notify_batch(changed(tasks, admin, event_type=EventType.TASK_RESTORED, changes={}), action="restore")

    assert kinds_and_recipients() == set()


def test_n2_a_task_changed_twice_in_a_batch_counts_once(owner, admin, project):
    task = TaskFactory(project=project)

    notify_batch(changed([task, task], admin), action="update")

    assert Notification.objects.get().data["count"] == 1


def test_n2_a_batch_that_is_reported_again_notifies_nobody_again(owner, admin, project):
    events = changed([TaskFactory(project=project)], admin)

    notify_batch(events, action="archive")
    Notification.objects.update(read_at="2026-11-20T08:00:00Z", mail_state="sent")
    notify_batch(Activity.objects.filter(batch_id=events[0].batch_id), action="archive")

    assert Notification.objects.get().read_at is not None


def test_n2_inside_a_batch_single_acts_notify_nobody_and_the_batch_once(owner, admin, member, project):
    tasks = [TaskFactory(project=project) for _ in range(2)]

    with acting_in(RunningBatch()) as running:
        for task in tasks:
            update_task(actor=admin, task=task, changes={"priority": "high", "description": "for @member"})
    assert kinds_and_recipients() == set()
    notify_batch(running.events, action="update", mentioned=running.mentioned, unblocked=running.unblocked)

    assert kinds_and_recipients() == {("tasks_changed", "owner"), ("tasks_changed", "member")}
    assert [name for _, name in Notification.objects.get(recipient=member).data["tasks"]] == ["task_mentioned"] * 2


def test_n3_a_batch_is_withheld_when_no_task_of_it_is_worth_a_mail_any_more(owner, admin, project):
    tasks = [TaskFactory(project=project) for _ in range(2)]
    notify_batch(changed(tasks, admin), action="archive")
    row = Notification.objects.get()
    kind = KINDS[row.kind]

    def reason() -> str:
        subject = load([row], for_mail=True).get(row.pk)
        return kind.reason_to_withhold(row, subject) if subject else "gone"

    assert reason() == ""
    watch(owner, tasks[0], "muted")
    assert reason() == ""
    watch_project(owner, project, "muted")
    assert reason() == "the recipient hears no more of it"
    for task in tasks:
        delete_task(actor=admin, task=task)
    assert reason() == "gone"


def test_the_words_of_a_batch_name_its_tasks(owner, admin, project):
    notify_batch(changed([TaskFactory(project=project, title="Paint")], admin), action="complete")
    row = Notification.objects.get()

    said = as_read(KINDS[row.kind].content(row, load([row])[row.pk]))

    assert (said.title, said.lines) == ("projectadmin completed 1 task", ("WEB-1 Paint",))
    assert said.why == "You get this because these tasks are yours, or you watch them."


@pytest.mark.parametrize(("level", "hears"), [(None, True), ("all", True), ("none", True), ("muted", False)])
@pytest.mark.parametrize("is_assigned", [True, False])
def test_de8_wa3_line_4_the_assignee_of_a_task_that_can_go_on_is_notified_or_while_there_is_none_its_creator(
    owner, admin, member, viewer, project, level, hears, is_assigned
):
    blocker = TaskFactory(project=project)
    blocked = TaskFactory(project=project, **({"assigned_to": member} if is_assigned else {"created_by": member}))
    watch(viewer, blocked)
    if level:
        watch(member, blocked, level)
    [event] = changed([blocker], admin, event_type=EventType.TASK_UPDATED, changes={"status": ("todo", "done")})

    notify_unblocked(event, [blocked.pk])

    assert rows_for(member) == (["task_unblocked"] if hears else [])
    assert rows_for(owner) == rows_for(viewer) == []
    for row in Notification.objects.all():
        assert row.dedupe_key == f"event:{event.event_id}:{blocked.pk}:{member.pk}"
        assert summary(row).title == f"WEB-2 can go on: {blocked.title}"

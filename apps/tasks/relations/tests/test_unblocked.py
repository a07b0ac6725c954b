"""Who is notified when the last open blocker of a task is done (contract DE8)."""

from __future__ import annotations

import pytest

from apps.notifications.models import Notification
from apps.projects.models import Membership
from apps.projects.roles import Role
from apps.projects.tests.factories import MembershipFactory
from apps.tasks.models import Task
from apps.tasks.relations.services import delete_relation
from apps.tasks.relations.tests.relation_helpers import archive, finish, relate
from apps.tasks.services import archive_task, change_task_status, delete_task, update_task
from apps.tasks.tests.factories import TaskFactory
from apps.tasks.watching import messages

pytestmark = pytest.mark.django_db


@pytest.fixture
def colleague(project):
    """Return a member to whom tasks are assigned."""
    return MembershipFactory(project=project, user__username="colleague").user


@pytest.fixture
def blocked(project, colleague):
    """Return a task of the colleague."""
    return TaskFactory(project=project, title="Ship it", assigned_to=colleague)


def close(actor, task):
    change_task_status(actor=actor, task=task, status="done")


def rows():
    """Return (recipient's name, task's id) of what was written."""
    found = Notification.objects.filter(kind="task_unblocked").order_by("pk")
    return list(found.values_list("recipient__username", "task_id"))


def test_de8_the_last_open_blocker_writes_exactly_one(member, task, second, blocked):
    relate(task, "blocks", blocked)
    relate(second, "blocks", blocked)

    close(member, task)
    assert rows() == []
    close(member, second)
    assert rows() == [("colleague", blocked.pk)]


def test_de8_the_creator_is_notified_while_nobody_is_assigned_and_nobody_else(member, colleague, task, project):
    blocked = TaskFactory(project=project, created_by=colleague)
    relate(task, "blocks", blocked)

    close(member, task)

    assert rows() == [("colleague", blocked.pk)]


def test_de8_nobody_is_notified_of_their_own_act(colleague, task, blocked):
    relate(task, "blocks", blocked)

    close(colleague, task)

    assert rows() == []


def test_de8_a_creator_who_is_no_member_any_more_is_not_notified(member, colleague, task, project):
    blocked = TaskFactory(project=project, created_by=colleague)
    relate(task, "blocks", blocked)
    Membership.objects.filter(user=colleague).delete()

    close(member, task)

    assert rows() == []


def test_de8_reopening_and_closing_again_notifies_again(member, task, blocked):
    relate(task, "blocks", blocked)
    for status in ("done", "todo", "done"):
        change_task_status(actor=member, task=task, status=status)

    assert rows() == [("colleague", blocked.pk)] * 2


def test_de8_a_change_that_is_none_notifies_nobody(member, task, blocked):
    finish(task)
    relate(task, "blocks", blocked)

    close(member, task)
    update_task(actor=member, task=task, changes={"title": "Other"})

    assert rows() == []


@pytest.mark.parametrize("state", ["done", "archived", "trashed"])
def test_de8_only_an_open_blocked_task_is_reported(owner, member, task, blocked, state):
    relate(task, "blocks", blocked)
    if state == "done":
        finish(blocked)
    elif state == "archived":
        archive(blocked)
    else:
        delete_task(actor=owner, task=blocked)

    close(member, task)

    assert rows() == []


def test_de8_archiving_trashing_and_removing_relations_notify_nobody(owner, member, project, blocked):
    archived, trashed, removed = (TaskFactory(project=project) for _ in range(3))
    relations = [relate(blocker, "blocks", blocked) for blocker in (archived, trashed, removed)]
    archive_task(actor=member, task=archived)
    delete_task(actor=owner, task=trashed)
    delete_relation(actor=member, task=removed, relation=relations[2])

    assert rows() == []


def test_de8_an_archived_task_was_no_open_blocker(member, task, blocked):
    relate(task, "blocks", blocked)
    archive_task(actor=member, task=task)

    close(member, Task.objects.get(pk=task.pk))

    assert rows() == []


def test_de8_one_act_frees_several_tasks(member, task, blocked, project, colleague):
    other = TaskFactory(project=project, assigned_to=colleague)
    for one in (blocked, other):
        relate(task, "blocks", one)

    close(member, task)

    assert sorted(rows()) == sorted([("colleague", blocked.pk), ("colleague", other.pk)])


def test_de8_a_cascade_frees_what_its_sub_tasks_blocked(member, task, blocked, project):
    children = [TaskFactory(project=project, parent=task) for _ in range(2)]
    for child in children:
        relate(child, "blocks", blocked)
    relate(children[0], "blocks", children[1])  # closed with it: not reported

    update_task(actor=member, task=task, changes={"status": "done"}, on_subtasks="complete")

    assert rows() == [("colleague", blocked.pk)]


def test_de8_across_projects_the_closer_is_named_to_those_alone_who_see_the_blocker(owner, far, blocked, colleague):
    relate(far, "blocks", blocked, actor=owner)
    close(owner, far)

    [row] = Notification.objects.filter(kind="task_unblocked")
    assert (row.recipient, row.project_id, row.task_id, row.actor_id) == (
        colleague,
        blocked.project_id,
        blocked.pk,
        None,
    )
    assert "certificate" not in str(row.data)

    MembershipFactory(project=far.project, user=colleague, role=Role.VIEWER)
    for status in ("todo", "done"):
        change_task_status(actor=owner, task=far, status=status)
    assert Notification.objects.filter(kind="task_unblocked").last().actor_id == owner.pk


def test_de8_who_creates_one_and_is_assigned_the_other_gets_a_row_for_each(owner, colleague, project, blocked):
    """Clarification of DE8: N1 is per task."""
    blocker = TaskFactory(project=project, created_by=colleague)
    relate(blocker, "blocks", blocked)

    close(owner, blocker)

    found = Notification.objects.filter(recipient=colleague).order_by("task_id").values_list("kind", "task_id")
    assert sorted(found) == sorted([("task_status_changed", blocker.pk), ("task_unblocked", blocked.pk)])


def test_de8_it_reads_as_a_sentence_and_can_be_switched_off(api, member, task, blocked, colleague):
    relate(task, "blocks", blocked)
    close(member, task)

    [shown] = api(colleague).get("/api/notifications/").json()["results"]
    assert shown["title"] == f"{blocked.key} can go on: Ship it"
    assert shown["body"].startswith(
        "The task “Ship it” no longer waits for another task: member finished the last one."
    )


def test_de8_the_mail_is_withheld_from_whoever_the_task_was_taken_from(member, task, blocked, colleague):
    relate(task, "blocks", blocked)
    close(member, task)
    Task.objects.filter(pk=blocked.pk).update(assigned_to=member)

    [row] = Notification.objects.filter(kind="task_unblocked")
    subject = messages.TaskUnblocked.load_for_mail([row])[row.pk]
    assert messages.TaskUnblocked.reason_to_withhold(row, subject) == "neither assignee nor creator any more"

"""With no watch row anywhere every act notifies whom it did before there were any (property 3 of WA)."""

from __future__ import annotations

import itertools
from datetime import timedelta

import pytest
from django.utils import timezone

from apps.common.transactions import run_write
from apps.notifications.kinds import KINDS
from apps.notifications.models import Notification
from apps.notifications.reading import load
from apps.projects.models import Membership, Project
from apps.tasks import services
from apps.tasks.models import Task
from apps.tasks.reminders.scan import remind
from apps.tasks.tests.factories import TaskFactory
from apps.tasks.watching.tests.watch_helpers import watch, watch_project

ACTS = {
    "status": {"status": "review"},
    "fields": {"title": "Another", "priority": "high"},
    "status and field": {"status": "review", "priority": "high"},
    "metadata": {"metadata": {"a": 1}},
    "assign": {"assigned_to": "member"},
    "assign and field": {"assigned_to": "member", "title": "Another"},
    "unassign": {"assigned_to": None},
    "archive": None,
}


def former(act: str, task: Task, *, actor: str, names: dict[int | None, str]) -> set[tuple[str, str]]:
    """Return (kind, username) as the table in docs/api.md had it: the task is as before the act."""
    creator, assignee = names.get(task.created_by_id), names.get(task.assigned_to_id)
    changes = ACTS[act] or {}
    gained = changes.get("assigned_to") if "assigned_to" in changes and changes["assigned_to"] != assignee else None
    lost = assignee if "assigned_to" in changes and changes["assigned_to"] != assignee else None
    is_silent = act == "metadata" or (set(changes) == {"assigned_to"} and not gained and not lost)
    kind = "task_status_changed" if act == "status" else "task_updated"
    now_assigned = changes.get("assigned_to", assignee) if "assigned_to" in changes else assignee
    rows = {("task_assigned", gained), ("task_unassigned", lost)}
    if not is_silent:
        rows |= {(kind, person) for person in {creator, now_assigned} - {gained, lost}}
    return {(kind, person) for kind, person in rows if person not in (None, actor, "gone")}


@pytest.mark.parametrize("act", ACTS)
def test_wa4_wa_property_3_every_act_on_a_task_notifies_exactly_the_former_people(
    owner, admin, member, viewer, outsider, project, act
):
    """For every creator, assignee and actor, people who have left the project among them."""
    people = {"owner": owner, "admin": admin, "member": member, "viewer": viewer}
    names = {person.pk: name for name, person in people.items()} | {outsider.pk: "gone"}
    cases = itertools.product((owner, member, outsider), (None, owner, member, viewer), ("owner", "admin", "member"))
    for creator, assignee, actor in cases:
        task = TaskFactory(project=project, created_by=creator, assigned_to=assignee)
        expected = former(act, task, actor=actor, names=names)
        Notification.objects.all().delete()
        changes = dict(ACTS[act] or {})
        if changes.get("assigned_to"):
            changes["assigned_to"] = people[changes["assigned_to"]].pk

        if act == "archive":
            services.archive_task(actor=people[actor], task=task)
        else:
            services.update_task(actor=people[actor], task=task, changes=changes)

        rows = Notification.objects.values_list("kind", "recipient")
        assert {(kind, names[pk]) for kind, pk in rows} == expected, (names[creator.pk], assignee, actor)
        assert len(rows) == len(expected)


@pytest.mark.parametrize("actor", ["owner", "admin", "member"])
@pytest.mark.parametrize("assignee", [None, "owner", "admin", "member", "viewer"])
def test_wa4_wa_property_3_a_new_task_is_announced_to_assignee_owner_and_admins(
    owner, admin, member, viewer, project, actor, assignee
):
    people = {"owner": owner, "admin": admin, "member": member, "viewer": viewer}
    fields = {"assigned_to": people[assignee].pk} if assignee else {}

    services.create_task(actor=people[actor], title="New", project=project.pk, **fields)

    names = {person.pk: name for name, person in people.items()}
    expected = {("task_created", name) for name in ("owner", "admin")} - {("task_created", assignee)}
    expected |= {("task_assigned", assignee)} if assignee else set()
    rows = Notification.objects.values_list("kind", "recipient")
    assert {(kind, names[pk]) for kind, pk in rows} == {row for row in expected if row[1] != actor}


def test_wa4_reminders_do_not_depend_on_levels(owner, member, project):
    now = timezone.now()
    due = TaskFactory(project=project, assigned_to=member, due_date=now + timedelta(minutes=1))
    overdue = TaskFactory(project=project, due_date=now - timedelta(minutes=1))
    Task.objects.update(created_at=now - timedelta(days=2))
    for person, task in ((member, due), (owner, overdue)):
        watch(person, task, "muted")
        watch_project(person, project, "muted")

    run_write(lambda: remind(now=now))

    kinds = set(Notification.objects.values_list("kind", "recipient__username"))
    assert kinds >= {("task_due_soon", "member"), ("task_overdue", "owner")}
    for row in Notification.objects.select_related("recipient"):
        assert KINDS[row.kind].reason_to_withhold(row, load([row], for_mail=True)[row.pk]) == ""


def test_a_move_notifies_exactly_the_former_people(owner, admin, member, project, outsider):
    target = Project.objects.get(owner=outsider)
    for person, role in ((admin, "admin"), (member, "viewer")):
        Membership.objects.create(project=target, user=person, role=role)
    task = TaskFactory(project=project, created_by=member, assigned_to=owner)

    services.update_task(actor=admin, task=task, changes={"project": target.pk})

    # The assignee is no member of the target: the task is taken from them, and they learn nothing of where it is.
    assert set(Notification.objects.values_list("kind", "recipient__username")) == {("task_updated", "member")}

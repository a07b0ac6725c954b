"""Who is notified of what happens to a tree: the root as ever, the others together (contract N2)."""

from __future__ import annotations

import pytest

from apps.notifications.models import Notification
from apps.projects.tests.factories import MembershipFactory, ProjectFactory
from apps.tasks.subtasks.tests.tree_helpers import url
from apps.tasks.tests.assertions import kinds_and_recipients
from apps.tasks.tests.factories import TaskFactory
from apps.tasks.wording import changes_in_words

pytestmark = pytest.mark.django_db


@pytest.fixture
def tree(project, member):
    """Return a root that the member has, and three tasks below that are the owner's."""
    root = TaskFactory(project=project, assigned_to=member, created_by=member)
    children = [TaskFactory(project=project, parent=root, created_by=project.owner) for _ in range(2)]
    return [root, *children, TaskFactory(project=project, parent=children[0], created_by=project.owner)]


ACTS = {
    "archive": ("task_updated", lambda client, root, target: client.post(url(root, "archive"))),
    "complete": (
        "task_status_changed",
        lambda client, root, target: client.patch(url(root, "status"), {"status": "done", "on_subtasks": "complete"}),
    ),
    "move": ("task_updated", lambda client, root, target: client.patch(url(root), {"project": target.pk})),
}


@pytest.mark.parametrize("act", ACTS)
def test_n2_each_person_is_notified_once_of_the_other_tasks_together(api, admin, owner, member, tree, act):
    target = ProjectFactory(owner=owner, key="MOB")
    MembershipFactory(project=target, user=admin, role="admin")
    MembershipFactory(project=target, user=member)
    kind, do = ACTS[act]

    response = do(api(admin), tree[0], target)

    assert response.status_code == 200
    assert kinds_and_recipients() == {(kind, "member"), ("tasks_changed", "owner")}
    together = Notification.objects.get(kind="tasks_changed")
    assert together.data["count"] == 3
    assert {pk for pk, _ in together.data["tasks"]} == {task.pk for task in tree[1:]}


def test_n2_unarchiving_notifies_as_archiving_does(api, admin, tree):
    client = api(admin)
    client.post(url(tree[0], "archive"))
    Notification.objects.all().delete()

    client.post(url(tree[0], "unarchive"))

    assert kinds_and_recipients() == {("task_updated", "member"), ("tasks_changed", "owner")}


def test_wa4_deleting_and_restoring_a_tree_notifies_nobody(api, admin, tree):
    client = api(admin)
    location = client.delete(url(tree[0]))["Location"]

    client.post(f"{location}restore/", {})

    assert kinds_and_recipients() == set()


def test_the_parent_is_named_by_its_key_and_not_at_all_after_a_move(api, admin, owner, member, project, tree):
    target = ProjectFactory(owner=owner, key="MOB")
    MembershipFactory(project=target, user=admin, role="admin")
    MembershipFactory(project=target, user=member)
    mine = TaskFactory(project=project, assigned_to=member, created_by=member)

    api(admin).patch(url(mine), {"parent": tree[0].pk})
    api(admin).patch(url(mine), {"project": target.pk})

    placed, moved = Notification.objects.filter(recipient=member).order_by("pk")
    words = [
        {
            change.label: (change.old, change.new)
            for change in changes_in_words(row.data["changes"], people={}, zone="UTC")
        }
        for row in (placed, moved)
    ]
    assert words[0] == {"Parent": ("", tree[0].key)}
    assert "Parent" not in words[1]


def test_n4_nobody_is_notified_of_their_own_act(api, owner, member, tree):
    api(owner).post(url(tree[0], "archive"))

    assert kinds_and_recipients() == {("task_updated", "member")}

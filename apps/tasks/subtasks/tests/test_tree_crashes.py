"""kill -9 in the middle of an act on a tree: the whole tree stands on one side (contract ST9, ST11, TR2, TR5)."""

from __future__ import annotations

import pytest

from apps.common.faults import POINTS
from apps.common.tests.crash import dies_at
from apps.projects.models import Activity, Project, TrashEntry
from apps.projects.tests.factories import ProjectFactory
from apps.tasks.attachments.tests.attachment_helpers import attach
from apps.tasks.models import Attachment, Task
from apps.tasks.subtasks.tests.tree_helpers import assert_counted, chain, tree_of, url
from apps.tasks.tests.assertions import snapshot

pytestmark = pytest.mark.django_db(transaction=True)


def _restore(client, root, target):
    client.post(f"/api/trash/{TrashEntry.objects.get().pk}/restore/", {})


# Point -> (what is done before, the act that dies there)
ACTS = {
    "task.tree_moved": (None, lambda client, root, target: client.patch(url(root), {"project": target.pk})),
    "task.archived": (None, lambda client, root, target: client.post(url(root, "archive"))),
    "task.subtasks_closed": (
        None,
        lambda client, root, target: client.patch(url(root), {"status": "done", "on_subtasks": "complete"}),
    ),
    "task.deleted": (None, lambda client, root, target: client.delete(url(root))),
    "trash.task_restored": (lambda client, root: client.delete(url(root)), _restore),
    "trash.task_purged": (
        lambda client, root: client.delete(url(root)),
        lambda client, root, target: client.delete(f"/api/trash/{TrashEntry.objects.get().pk}/"),
    ),
}


def test_each_point_of_a_tree_is_declared():
    assert ACTS.keys() <= POINTS


@pytest.mark.parametrize("point", ACTS)
def test_an_act_that_is_killed_has_changed_nothing_and_can_be_repeated(api, owner, project, media, point):
    prepare, act = ACTS[point]
    tasks = chain(project, 4)
    attach(tasks[2])
    target = ProjectFactory(owner=owner, key="MOB")
    client = api(owner)
    if prepare is not None:
        prepare(client, tasks[0])
    before, files = snapshot(), list(Attachment.objects.values())

    assert dies_at(point, lambda: act(client, tasks[0], target))

    assert snapshot() == before
    assert list(Attachment.objects.values()) == files
    assert_counted()
    act(client, tasks[0], target)
    after = tree_of(tasks)
    assert len({state[2:4] + state[6:] for state in after.values()}) <= 1  # archived or not, in the trash, in a project
    assert after != {task["id"]: task for task in before["tasks"]}
    assert Activity.objects.count() > len(before["history"])
    assert_counted()
    numbers = list(Task.objects.filter(project=target).values_list("number", flat=True))
    assert sorted(numbers) == list(range(1, Project.objects.get(pk=target.pk).last_task_number + 1))
    print(f"killed at {point}: nothing done, then done for {len(after)} tasks")

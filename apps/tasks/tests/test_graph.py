"""The check for circles in "is finished before" (contract DE5, ST4), on trees that the database already has."""

import pytest
from django.db import IntegrityError, connection, transaction

from apps.common.errors import ConflictError
from apps.tasks import graph
from apps.tasks.locking import Authority
from apps.tasks.models import Task
from apps.tasks.tests.factories import TaskFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def chain(project):
    """Return a root, its child and its grandchild."""
    root = TaskFactory(project=project)
    child = TaskFactory(project=project, parent=root)
    return root, child, TaskFactory(project=project, parent=child)


def circle(person, source, target):
    with transaction.atomic():
        graph.lock_graph()
        with pytest.raises(ConflictError) as raised:
            graph.require_no_cycle(Authority(person), source=source.pk, target=target.pk)
    return raised.value


def test_st4_the_path_begins_and_ends_with_the_source_and_follows_true_edges(owner, chain):
    root, child, grandchild = chain

    error = circle(owner, root, grandchild)

    assert (error.code, error.extra) == ("cycle", {"path": [root.key, grandchild.key, child.key, root.key]})


def test_st4_a_task_below_itself_is_the_shortest_circle(owner, chain):
    assert circle(owner, chain[1], chain[1]).extra == {"path": [chain[1].key, chain[1].key]}


def test_de5_what_the_caller_cannot_see_has_no_key_in_the_path(outsider, chain):
    root, child, _ = chain

    assert circle(outsider, root, child).extra == {"path": [None, None, None]}


def test_de5_archived_done_and_trashed_tasks_count(owner, chain):
    root, child, grandchild = chain
    Task.objects.filter(pk=child.pk).update(status="done", completed_at=child.created_at, archived_at=child.created_at)

    assert circle(owner, root, grandchild).code == "cycle"


def test_an_edge_that_closes_no_circle_passes(owner, project, chain):
    graph.require_no_cycle(Authority(owner), source=chain[2].pk, target=chain[0].pk)
    graph.require_no_cycle(Authority(owner), source=chain[0].pk, target=TaskFactory(project=project).pk)


def test_de5_the_check_ends_at_its_limit(owner, project, chain, monkeypatch):
    monkeypatch.setattr(graph, "MAX_VISITED", 2)
    monkeypatch.setattr(graph, "REACHED", graph.REACHED.replace("LIMIT 10001", "LIMIT 3"))

    error = circle(owner, TaskFactory(project=project), chain[2])

    assert (error.code, error.extra) == ("graph_too_large", {"limit": 2})


def test_the_database_keeps_a_parent_in_the_project_of_its_child(project, chain):
    """Data of ST: the foreign key is of both columns, and is checked at the commit."""
    elsewhere = TaskFactory()
    Task.objects.filter(pk=elsewhere.pk).update(parent=chain[0])

    with pytest.raises(IntegrityError, match="task_parent_in_its_project"), connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS task_parent_in_its_project IMMEDIATE")


def test_the_database_makes_the_children_of_a_deleted_task_roots(chain):
    """Data of ST: ON DELETE SET NULL of the parent alone."""
    Task.objects.filter(pk=chain[0].pk).delete()

    child = Task.objects.get(pk=chain[1].pk)
    assert (child.parent_id, child.project_id) == (None, chain[1].project_id)

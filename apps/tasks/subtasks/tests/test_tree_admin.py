"""Trees in the admin: through the services, like everything else (contract O5)."""

from __future__ import annotations

import pytest

from apps.tasks.models import Task
from apps.tasks.subtasks.tests.tree_helpers import assert_counted, chain
from apps.tasks.tests.factories import TaskFactory
from apps.tasks.tests.test_task_admin import PAGE, form
from apps.users.tests.factories import UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk(client):
    client.force_login(UserFactory(is_staff=True, is_superuser=True))
    return client


def change(desk, task, **fields):
    return desk.post(f"{PAGE}{task.pk}/change/", form(task, **fields))


def test_a_task_is_made_and_placed_below_another(desk, project):
    root, other = TaskFactory(project=project), TaskFactory(project=project)

    made = desk.post(f"{PAGE}add/", form(project=project.pk, parent=root.pk))
    placed = change(desk, other, parent=root.pk)

    assert (made.status_code, placed.status_code) == (302, 302)
    assert Task.objects.filter(parent=root).count() == 2
    assert_counted()


def test_st4_a_circle_is_said_and_changes_nothing(desk, project):
    root, child = chain(project, 2)

    response = change(desk, root, parent=child.pk)

    assert response.status_code == 200
    assert "The tasks would have to be finished before one another." in response.content.decode()
    assert Task.objects.get(pk=root.pk).parent_id is None


def test_st1_a_parent_in_another_project_is_a_fault_of_the_field(desk, project):
    task, elsewhere = TaskFactory(project=project), TaskFactory()

    response = change(desk, task, parent=elsewhere.pk)

    assert "A parent must be in the same project as its sub-tasks." in response.content.decode()


def test_tr2_deleting_takes_the_tree_along(desk, project):
    root, _ = chain(project, 2)

    desk.post(f"{PAGE}{root.pk}/delete/", {"post": "yes"})

    assert not Task.objects.filter(trash=None).exists()

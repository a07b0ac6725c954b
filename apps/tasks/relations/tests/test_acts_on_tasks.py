"""What becomes of relations when tasks, projects and accounts end, or tasks move (section 8 of the contract)."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.projects.services import delete_project
from apps.projects.tests.factories import MembershipFactory
from apps.tasks.models import Relation
from apps.tasks.relations.tests.relation_helpers import listed, relate
from apps.tasks.services import delete_task, update_task
from apps.tasks.tests.factories import TaskFactory
from apps.tasks.trash.services import purge_entry
from apps.users.services import close_account
from apps.users.tests.factories import PASSWORD

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("is_from", [True, False])
def test_o7_purging_a_task_deletes_its_relations_from_either_end(owner, task, far, is_from):
    relate(task, "blocks" if is_from else "blocked_by", far, actor=owner)
    relate(task, "relates", far, actor=owner)
    entry = delete_task(actor=owner, task=task)
    assert Relation.objects.count() == 2

    purge_entry(actor=owner, entry=entry)

    assert Relation.objects.count() == 0


@pytest.mark.parametrize("is_from", [True, False])
def test_o7_erasing_a_project_deletes_by_either_project(owner, task, far, settings, is_from):
    settings.TRASH_DAYS = 0
    stays = relate(task, "relates", TaskFactory(project=task.project))
    relate(task, "blocks" if is_from else "blocked_by", far, actor=owner)

    delete_project(actor=owner, project_id=far.project_id)

    assert list(Relation.objects.all()) == [stays]


def test_o7_the_database_deletes_and_moves_relations_with_either_task(task, second, far, owner):
    for kind in ("blocks", "relates"):
        relate(task, kind, second)
        relate(second, kind, far, actor=owner)
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM tasks_task WHERE id = %s", [task.pk])
    assert Relation.objects.count() == 2

    update_task(actor=owner, task=far, changes={"project": second.project_id})
    assert set(Relation.objects.values_list("from_project_id", "to_project_id")) == {
        (second.project_id, second.project_id)
    }


def test_a_task_with_a_hundred_relations_is_erased_in_as_many_statements_as_one_with_a_single_one(
    owner, project, settings
):
    settings.TRASH_DAYS = 0
    counted = []
    for number in (1, 100):
        task = TaskFactory(project=project)
        for _ in range(number):
            relate(task, "relates", TaskFactory(project=project))
        with CaptureQueriesContext(connection) as queries:
            delete_task(actor=owner, task=task)
        counted.append(len(queries))
    print(f"statements to erase a task with 1 and with 100 relations: {counted}")
    assert counted[0] == counted[1]


def test_an_account_that_ends_leaves_its_relations(api, owner, task, second, project):
    person = MembershipFactory(project=project, user__username="leaving").user
    relation = relate(task, "blocks", second, actor=person)

    close_account(actor=person, password=PASSWORD, ip_address="")

    [row] = listed(api(owner), task)
    assert row["id"] == relation.pk
    assert row["created_by"]["username"].startswith("deleted-")


def test_a_member_who_leaves_leaves_their_relations(api, owner, task, second, project):
    person = MembershipFactory(project=project).user
    relate(task, "blocks", second, actor=person)
    api(owner).delete(f"/api/projects/{project.pk}/members/{person.pk}/")

    assert len(listed(api(owner), task)) == 1

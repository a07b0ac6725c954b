"""Rows of watch levels: how they come (WA1), that a choice lasts (WA2), and how they go (WA7)."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, connection, transaction

from apps.common.transactions import run_write
from apps.projects.models import Project
from apps.projects.tests.factories import MembershipFactory, ProjectFactory
from apps.tasks.models import Task, Watch
from apps.tasks.tests.factories import TaskFactory
from apps.tasks.watching.services import set_project_level, set_task_level, unwatch_task
from apps.tasks.watching.tests.watch_helpers import level_of, watch, watch_project
from apps.users.announcements import account_closing


def test_wa1_commenting_makes_a_row(api, viewer, commenter, task):
    api(commenter).post(f"/api/tasks/{task.pk}/comments/", {"body": "Hello"})
    api(viewer).post(f"/api/tasks/{task.pk}/comments/", {"body": "Hello"})

    assert level_of(commenter, task) == ("all", "commented")
    assert level_of(viewer, task) is None


def test_wa1_a_first_mention_makes_a_row_in_comments_and_descriptions(api, admin, owner, member, viewer, project):
    client = api(admin)
    made = client.post("/api/tasks/", {"project": project.pk, "title": "New", "description": "@member"}).json()
    task = Task.objects.get(pk=made["id"])
    client.patch(f"/api/tasks/{task.pk}/", {"description": "@member @viewer"})
    comment = client.post(f"/api/tasks/{task.pk}/comments/", {"body": "Hello"}).json()
    client.patch(f"/api/tasks/{task.pk}/comments/{comment['id']}/", {"body": "@owner"})

    assert {level_of(person, task) for person in (owner, member, viewer)} == {("all", "mentioned")}


def test_c12_a_mention_of_oneself_makes_no_row(api, admin, project):
    body = {"project": project.pk, "title": "New", "description": "@projectadmin"}
    made = api(admin).post("/api/tasks/", body).json()
    api(admin).patch(f"/api/tasks/{made['id']}/", {"description": "again @projectadmin"})

    assert not Watch.objects.exists()


@pytest.mark.parametrize("level", ["none", "muted"])
def test_wa2_unwatching_is_sticky_no_later_reason_changes_it(api, admin, member, task, level):
    set_task_level(actor=member, task=task, level=level)
    client = api(admin)
    client.post(f"/api/tasks/{task.pk}/comments/", {"body": "@member"})
    client.patch(f"/api/tasks/{task.pk}/", {"description": "@member"})
    client.patch(f"/api/tasks/{task.pk}/assign/", {"assigned_to": member.pk})
    api(member).post(f"/api/tasks/{task.pk}/comments/", {"body": "Hello"})

    assert level_of(member, task) == (level, "self")
    set_task_level(actor=member, task=task, level="all")
    assert level_of(member, task) == ("all", "self")


def test_wa1_who_muted_the_project_gets_no_row_by_commenting_or_a_mention(api, admin, member, project, task):
    set_project_level(actor=member, project=project, level="muted")
    api(member).post(f"/api/tasks/{task.pk}/comments/", {"body": "Hello"})
    api(admin).post(f"/api/tasks/{task.pk}/comments/", {"body": "@member"})

    assert level_of(member, task) is None


def test_wa7_leaving_deletes_all_rows_and_who_comes_back_starts_anew(api, owner, member, project, task):
    watch(member, task)
    watch(member, TaskFactory(project=project), "none")
    watch_project(member, project, "muted")
    kept = watch(owner, task)

    assert api(member).delete(f"/api/projects/{project.pk}/members/{member.pk}/").status_code == 204
    MembershipFactory(project=project, user=member)

    assert list(Watch.objects.all()) == [kept]


def test_wa7_a_move_keeps_the_rows_of_members_of_the_target(api, owner, admin, member, project, task):
    target = ProjectFactory(owner=admin, key="OTH")
    MembershipFactory(project=target, user=owner)
    watch(owner, task, "none")
    watch(member, task)
    general = watch_project(member, project, "all")

    assert api(admin).patch(f"/api/tasks/{task.pk}/", {"project": target.pk}).status_code == 200

    rows = set(Watch.objects.values_list("user__username", "project__key", "task", "level"))
    assert rows == {("owner", "OTH", task.pk, "none"), ("member", "WEB", None, "all")}
    assert Watch.objects.filter(pk=general.pk).exists()


def test_wa7_rows_end_with_the_account(member, task):
    watch(member, task)

    run_write(lambda: account_closing.announce(member))

    assert not Watch.objects.exists()


def test_rows_stay_in_the_trash_and_end_with_the_purge(api, owner, member, project, task):
    watch(member, task)
    watch_project(member, project, "all")
    deleted = api(owner).delete(f"/api/tasks/{task.pk}/")
    assert Watch.objects.filter(task=task).exists()

    api(owner).delete(deleted["Location"])
    assert list(Watch.objects.values_list("task", flat=True)) == [None]
    deleted = api(owner).delete(f"/api/projects/{project.pk}/")
    api(owner).delete(deleted["Location"])
    assert not Watch.objects.exists()


@pytest.mark.parametrize(("on_task", "level"), [(True, "participating"), (True, "x"), (False, "none"), (False, "x")])
def test_the_database_knows_the_levels(owner, project, task, on_task, level):
    with pytest.raises(IntegrityError), transaction.atomic():
        Watch.objects.create(user=owner, project=project, task=task if on_task else None, level=level, reason="self")


@pytest.mark.django_db
def test_the_database_has_one_row_per_task_and_person_and_one_per_project_and_person(owner, project, task):
    for put in (lambda: watch(owner, task), lambda: watch_project(owner, project, "all")):
        put()
        with pytest.raises(IntegrityError), transaction.atomic():
            put()


def test_the_database_has_rows_of_members_alone(outsider, project, task):
    with pytest.raises(IntegrityError), transaction.atomic():
        watch(outsider, task)
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def test_wa8_levels_write_no_event_no_version_and_work_in_an_archived_project(owner, project, task):
    Project.objects.filter(pk=project.pk).update(archived_at="2026-01-01T00:00:00Z")
    before = (Task.objects.values().get(), project.activities.count())

    run_write(lambda: unwatch_task(actor=owner, task=task))
    set_project_level(actor=owner, project=project, level="all")

    assert (Task.objects.values().get(), project.activities.count()) == before
    assert level_of(owner, task) == ("none", "self")

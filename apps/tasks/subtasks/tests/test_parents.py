"""A task below another: which parents there are, and what naming one changes (contract ST1, ST2, ST7, ST13)."""

from __future__ import annotations

import pytest
from django.utils import timezone

from apps.projects.models import Activity, Membership
from apps.projects.tests.factories import MembershipFactory, ProjectFactory
from apps.tasks.models import Task
from apps.tasks.subtasks.tests.tree_helpers import assert_counted, chain, url
from apps.tasks.tests.assertions import snapshot
from apps.tasks.tests.factories import TaskFactory

pytestmark = pytest.mark.django_db


def errors(response):
    return response.status_code, [(error["pointer"], error["code"]) for error in response.json()["errors"]]


def test_st2_a_sub_task_without_a_project_comes_into_that_of_its_parent(api, project, member, task):
    response = api(member).post("/api/tasks/", {"title": "Part", "parent": task.pk})

    assert response.status_code == 201
    shown = response.json()
    assert shown["project"] == project.pk
    assert shown["parent"] == {"id": task.pk, "key": task.key, "title": task.title, "status": "todo"}
    assert "effects" not in shown
    assert api(member).get(url(task)).json()["subtasks"] == {"total": 1, "done": 0}
    assert Activity.objects.get(task_id=shown["id"]).changes["parent"] == {
        "from": None,
        "to": {"id": task.pk, "key": task.key},
    }
    assert_counted()


def test_st2_lists_counts_and_statistics_contain_sub_tasks_like_any_task(api, project, member):
    chain(project, 3)
    client = api(member)

    assert len(client.get("/api/tasks/").json()["results"]) == 3
    assert client.get(f"/api/tasks/statistics/?project={project.pk}").json()["total"] == 3
    assert client.get(f"/api/projects/{project.pk}/").json()["tasks_count"] == 3


@pytest.mark.parametrize("body", [{}, {"project": "own"}])
def test_st1_a_parent_that_is_absent_invisible_or_in_the_trash_does_not_exist(api, project, member, outsider, body):
    foreign = TaskFactory(project__owner=outsider)
    gone = TaskFactory(project=project)
    client, before = api(member), None
    client.delete(url(gone)) if gone.created_by_id == member.pk else api(project.owner).delete(url(gone))
    before = snapshot()

    for parent in (foreign.pk, gone.pk, 999_999_999):
        sent = {"title": "x", "parent": parent} | ({"project": project.pk} if body else {})
        assert errors(client.post("/api/tasks/", sent)) == (400, [("/parent", "does_not_exist")])
    assert snapshot() == before


def test_st2_in_a_project_where_the_caller_only_reads_the_answer_is_403(api, viewer, task):
    assert api(viewer).post("/api/tasks/", {"title": "x", "parent": task.pk}).status_code == 403
    assert api(viewer).post("/api/tasks/", {"title": "", "parent": task.pk}).status_code == 403


def test_st2_an_unseen_parent_goes_before_other_faults_of_the_body(api, member, outsider):
    foreign = TaskFactory(project__owner=outsider)

    response = api(member).post("/api/tasks/", {"title": "", "parent": foreign.pk})

    assert errors(response) == (400, [("/parent", "does_not_exist")])


def test_st1_a_parent_stands_in_the_project_where_the_task_will_be(api, owner, project, task):
    other = TaskFactory(project=ProjectFactory(owner=owner, key="MOB"))
    client, before = api(owner), snapshot()

    for method, path, body in [
        ("post", "/api/tasks/", {"title": "x", "project": project.pk, "parent": other.pk}),
        ("patch", url(task), {"parent": other.pk}),
        ("patch", url(task), {"parent": TaskFactory(project=project).pk, "project": other.project_id}),
    ]:
        before = snapshot()
        assert errors(getattr(client, method)(path, body)) == (400, [("/parent", "other_project")])
        assert snapshot() == before


def test_st10_a_task_sent_back_as_it_was_read_with_another_project_leaves_its_parent_behind(api, owner, project):
    """A parent equal to the stored one is not checked again."""
    _, child = chain(project, 2)
    client, target = api(owner), ProjectFactory(owner=owner, key="MOB")

    response = client.put(url(child), client.get(url(child)).json() | {"project": target.pk})

    assert response.status_code == 200
    assert (response.json()["project"], response.json()["parent"]) == (target.pk, None)
    assert_counted()


@pytest.mark.parametrize("value", ["x", 1.5, True, [], {"key": "WEB-1"}, 0, -1, 2**63])
def test_what_is_no_task_is_a_400_at_parent(api, member, value):
    response = api(member).post("/api/tasks/", {"title": "x", "parent": value})

    assert response.status_code == 400
    assert [error["pointer"] for error in response.json()["errors"]] == ["/parent"]


def test_a_parent_is_written_as_it_was_read_and_all_read_fields_are_ignored(api, member, project):
    _, child = chain(project, 2)
    client = api(member)
    read = client.get(f"{url(child)}?include=html,rollup").json() | {"depth": 1, "effects": {"batch_id": "x"}}

    response = client.put(url(child), read)

    assert response.status_code == 200
    assert response.json()["version"] == 1


def test_st13_becoming_a_sub_task_and_a_root_again_changes_nothing_else(api, member, project, task):
    parent = TaskFactory(project=project)
    client = api(member)
    before = client.get(url(task)).json()

    under = client.patch(url(task), {"parent": parent.pk}).json()
    root = client.patch(url(task), {"parent": None}).json()

    changed = {"version", "updated_at"}
    assert {name for name in under if under[name] != before[name]} == changed | {"parent"}
    assert {name for name in root if root[name] != before[name]} == changed
    assert (under["version"], root["version"]) == (2, 3)
    parent.refresh_from_db()
    assert parent.version == 1
    reference = {"id": parent.pk, "key": parent.key}
    assert list(Activity.objects.filter(task_id=task.pk).order_by("seq").values_list("type", "changes")) == [
        ("task.updated", {"parent": {"from": None, "to": reference}}),
        ("task.updated", {"parent": {"from": reference, "to": None}}),
    ]
    assert_counted()


def test_st13_the_counts_of_the_parent_follow_its_children_and_raise_no_version(api, member, project):
    root, child = chain(project, 2)
    client = api(member)

    def counted():
        assert_counted()
        shown = client.get(url(root)).json()
        assert shown["version"] == 1
        return shown["subtasks"]

    client.patch(url(child, "status"), {"status": "done"})
    assert counted() == {"total": 1, "done": 1}
    client.post(url(child, "archive"))
    assert counted() == {"total": 0, "done": 0}
    client.post(url(child, "unarchive"))
    client.patch(url(child, "status"), {"status": "review"})
    assert counted() == {"total": 1, "done": 0}
    api(project.owner).delete(url(child))
    assert counted() == {"total": 0, "done": 0}


def test_st7_nothing_comes_under_an_archived_parent(api, member, project, task):
    archived = TaskFactory(project=project, archived_at=timezone.now())
    client, before = api(member), snapshot()

    created = client.post("/api/tasks/", {"title": "x", "parent": archived.pk})
    placed = client.patch(url(task), {"parent": archived.pk})

    assert [(each.status_code, each.json()["code"]) for each in (created, placed)] == [(409, "parent_archived")] * 2
    assert snapshot() == before


def test_st7_a_child_is_not_unarchived_under_an_archived_parent(api, member, project):
    root, child = chain(project, 2)
    client = api(member)
    client.post(url(root, "archive"))

    response = client.post(url(child, "unarchive"))

    assert (response.status_code, response.json()["code"]) == (409, "parent_archived")


def test_st7_an_unchanged_parent_is_not_checked_again(api, member, project):
    root, child = chain(project, 2)
    client = api(member)
    client.post(url(root, "archive"))

    response = client.patch(url(child), {"parent": root.pk, "title": "Renamed"})

    assert (response.status_code, response.json()["title"]) == (200, "Renamed")


def test_st7_under_a_done_parent_it_stays_done_and_the_answer_says_so(api, member, project, task):
    done = TaskFactory(project=project, status="done")
    client = api(member)

    created = client.post("/api/tasks/", {"title": "x", "parent": done.pk}).json()
    placed = client.patch(url(task), {"parent": done.pk}).json()
    client.patch(url(task, "status"), {"status": "done"})
    reopened = client.patch(url(task, "status"), {"status": "todo"}).json()

    assert [each["effects"] for each in (created, placed, reopened)] == [{"parent_is_done": True}] * 3
    assert client.get(url(done)).json()["status"] == "done"
    assert "effects" not in client.patch(url(task, "status"), {"status": "review"}).json()


def test_a_person_who_left_the_project_names_no_parent_there(api, member, project, task):
    own = TaskFactory(project=ProjectFactory(owner=member))
    Membership.objects.filter(project=project, user=member).delete()

    assert errors(api(member).patch(url(own), {"parent": task.pk})) == (400, [("/parent", "does_not_exist")])


def test_people_are_notified_of_another_parent_as_of_any_update(api, member, project, task):
    MembershipFactory(project=project)
    Task.objects.filter(pk=task.pk).update(assigned_to=project.owner)
    parent = TaskFactory(project=project)

    api(member).patch(url(task), {"parent": parent.pk})

    [notice] = api(project.owner).get("/api/notifications/").json()["results"]
    assert notice["kind"] == "task_updated"

"""What becomes of the names in the filter of a saved view."""

from __future__ import annotations

import pytest

from apps.projects.models import Activity, Project
from apps.projects.tests.factories import MembershipFactory, ProjectFactory
from apps.tasks.models import Label, TaskLabel
from apps.tasks.saved_views.tests.view_helpers import URL, found, make
from apps.tasks.tests.factories import TaskFactory

pytestmark = pytest.mark.django_db


def test_vi5_names_are_kept_by_id_and_shown_as_they_are_now(api, project, owner, member):
    client = api(owner)
    task = TaskFactory(project=project, assigned_to=member)
    text = "assignee in (MEMBER, me) and project = web and (subtree = web-1 or key = WEB-1)"
    view = make(client, filter=text)
    url = f"{URL}{view['id']}/"
    assert view["filter"] == "assignee in (member, me) and project = WEB and (subtree = WEB-1 or key = WEB-1)"

    type(member).objects.filter(pk=member.pk).update(username="renamed")
    Project.objects.filter(pk=project.pk).update(key="NEW")
    shown = client.get(url).json()
    assert shown["filter"] == "assignee in (renamed, me) and project = NEW and (subtree = NEW-1 or key = NEW-1)"
    assert found(client, view["id"]) == [task.pk]
    assert client.patch(url, {"filter": shown["filter"]}).json()["version"] == view["version"] + 1


def test_vi5_a_key_of_several_things_is_kept_as_each_of_them(api, project, owner):
    other = ProjectFactory(key="WEB")
    MembershipFactory(project=other, user=owner)
    tasks = [TaskFactory(project=each).pk for each in (project, other)]
    view = make(api(owner), filter="project = WEB and key = WEB-1")

    assert view["filter"] == (
        f"project in ({project.pk}, {other.pk}) and key in ({tasks[0]}, {tasks[1]})"
        if project.pk < other.pk
        else view["filter"]
    )
    assert sorted(found(api(owner), view["id"])) == sorted(tasks)


def test_vi5_a_name_that_the_reader_does_not_see_is_not_shown_to_them(api, project, owner, member):
    stranger = MembershipFactory(project=ProjectFactory(owner=owner), user__username="stranger").user
    view = make(api(owner), project=project.pk, is_shared=True, filter="assignee = stranger")["id"]

    shown = api(member).get(f"{URL}{view}/").json()
    assert "stranger" not in shown["filter"]
    assert shown["is_broken"]
    assert str(stranger.pk) in shown["filter"]
    assert not api(owner).get(f"{URL}{view}/").json()["is_broken"]


def test_vi6_a_view_whose_label_or_task_is_gone_is_broken_until_it_is_repaired(api, project, owner):
    client = api(owner)
    label = Label.objects.create(project=project, name="bug", color="#112233")
    task = TaskFactory(project=project)
    views = [make(client, filter=text)["id"] for text in ("label = bug", "parent = WEB-1", "overdue")]
    client.delete(f"/api/projects/{project.pk}/labels/{label.pk}/")
    client.delete(f"/api/tasks/{task.pk}/")

    shown = {row["id"]: row for row in client.get(URL).json()["results"]}
    assert [shown[pk]["is_broken"] for pk in views] == [True, True, False]
    assert [shown[pk]["filter"] for pk in views[:2]] == ["label = bug", f"parent = {task.pk}"]
    for pk in views[:2]:
        answer = client.get("/api/tasks/", {"view": pk})
        assert (answer.status_code, answer.json()["code"]) == (409, "view_broken")
        [entry] = answer.json()["errors"]
        assert (entry["code"], entry["pointer"]) == ("does_not_exist", "/filter")
        named = shown[pk]["filter"][entry["position"] : entry["position"] + entry["length"]]
        assert named == shown[pk]["filter"].rpartition(" ")[2]
    counts = client.get(f"{URL}counts/", {"ids": views}).json()["counts"]
    assert counts == {str(views[0]): None, str(views[1]): None, str(views[2]): 0}
    assert client.patch(f"{URL}{views[0]}/", {"filter": "overdue"}).json()["is_broken"] is False
    assert found(client, views[0]) == []


def test_vi6_renaming_and_merging_a_label_rewrites_views_by_name_in_its_project_and_by_id_elsewhere(
    api, project, owner
):
    client = api(owner)
    labels = f"/api/projects/{project.pk}/labels/"
    bug, fault = (client.post(labels, {"name": name}).json()["id"] for name in ("bug", "fault"))
    task = TaskFactory(project=project)
    TaskLabel.objects.create(task=task, label_id=bug, project=project)
    other = ProjectFactory(owner=owner)
    Label.objects.create(project=other, name="bug", color="#112233")
    shared = make(client, project=project.pk, is_shared=True, filter=f"label in (Bug, {bug})")["id"]
    elsewhere = make(client, filter=f"label all (bug, {bug}) or overdue")["id"]

    client.patch(f"{labels}{bug}/", {"name": "defect"})
    assert client.get(f"{URL}{shared}/").json()["filter"] == f"label in (defect, {bug})"
    assert client.get(f"{URL}{elsewhere}/").json()["filter"] == f"label all (bug, {bug}) or overdue"
    merged = client.post(f"{labels}{bug}/merge/", {"into": fault}).json()
    assert merged["views_changed"] == 2
    assert client.get(f"{URL}{shared}/").json()["filter"] == f"label in (fault, {fault})"
    assert client.get(f"{URL}{elsewhere}/").json()["filter"] == f"label all (bug, {fault}) or overdue"
    assert found(client, shared) == [task.pk]
    events = Activity.objects.filter(project=project, type="view.updated").values_list("object_id", "actor_id")
    assert list(events) == [(shared, owner.pk), (shared, owner.pk)]

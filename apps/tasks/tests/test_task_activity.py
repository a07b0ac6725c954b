"""GET /api/tasks/{id}/activity/"""

from __future__ import annotations

import pytest

from apps.projects.roles import Role
from apps.projects.tests.factories import MembershipFactory, ProjectFactory
from apps.tasks.tests.factories import TaskFactory


def url(task) -> str:
    return f"/api/tasks/{task.pk}/activity/"


def test_it_lists_who_changed_what_newest_first(api, owner, member, task):
    TaskFactory(project=task.project)
    api(member).patch(f"/api/tasks/{task.pk}/", {"title": "New"})
    api(owner).patch(f"/api/tasks/{task.pk}/status/", {"status": "done"})

    shown = api(member).get(url(task)).json()["results"]

    assert [entry["verb"] for entry in shown] == ["status_changed", "updated"]
    entry = shown[1]
    assert (entry["task"], entry["task_key"], entry["actor"]["username"]) == (task.pk, "WEB-1", "member")
    assert entry["changes"] == {"title": {"from": "Fix the login page", "to": "New"}}


@pytest.mark.parametrize(
    ("who", "status"),
    [("owner", 200), ("admin", 200), ("member", 200), ("viewer", 200), ("outsider", 404), ("staff", 404)],
)
def test_each_role_has_its_answer(api, task, request, who, status):
    assert api(request.getfixturevalue(who)).get(url(task)).status_code == status


def test_after_a_move_the_old_history_is_shown_to_members_of_both_projects_only(api, owner, member, task):
    target = ProjectFactory(owner=owner, key="MOB")
    newcomer = MembershipFactory(project=target, role=Role.VIEWER).user
    api(member).patch(f"/api/tasks/{task.pk}/", {"title": "Before"})
    api(owner).patch(f"/api/tasks/{task.pk}/", {"project": target.pk})

    assert [e["verb"] for e in api(newcomer).get(url(task)).json()["results"]] == ["moved_in"]
    assert [e["verb"] for e in api(owner).get(url(task)).json()["results"]] == ["moved_in", "moved_out", "updated"]
    assert api(member).get(url(task)).status_code == 404


def test_the_history_of_a_deleted_task_is_gone_with_it_and_stays_with_the_project(api, owner, task):
    api(owner).delete(f"/api/tasks/{task.pk}/")

    assert api(owner).get(url(task)).status_code == 404
    entries = api(owner).get(f"/api/projects/{task.project_id}/activity/").json()["results"]
    assert [(entry["verb"], entry["task_key"]) for entry in entries] == [("deleted", "WEB-1")]

"""Projects: listed, made, changed, their members and their end."""

from __future__ import annotations

import pytest

from apps.projects.models import Membership, Project
from apps.projects.services import archive_project, update_project
from apps.projects.tests.factories import ProjectFactory
from apps.tasks.tests.factories import TaskFactory
from apps.tokens.tests.factories import client_with, make_token
from apps.users.tests.factories import UserFactory
from apps.web.tests.browser import Browser, values_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def mara(owner):
    return Browser(owner)


def test_own_and_shared_projects_are_listed_and_archived_ones_by_a_switch(mara, owner, project, outsider):
    old = ProjectFactory(owner=owner, name="Old shop")
    archive_project(actor=owner, project_id=old.pk)

    mara.open("/projects/")
    assert f"/projects/{project.pk}/" in mara.links()
    assert "Old shop" not in mara.text
    assert "Elsewhere" not in mara.text
    mara.open("/projects/?archived=true")
    assert f"/projects/{old.pk}/" in mara.links()
    mara.open("/projects/?search=webs")
    assert f"/projects/{project.pk}/" in mara.links()


def test_a_project_is_made_with_a_key_from_its_name(mara, owner):
    mara.open("/projects/new/")

    mara.send("/projects/new/", name="Office move", description="By spring")

    made = Project.objects.get(owner=owner, is_inbox=False)
    assert mara.response["Location"] == f"/projects/{made.pk}/"
    assert made.key
    assert "No tasks yet" in mara.follow().content.decode()


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"name": ""}, 422),
        ({"name": "A", "key": "web1"}, 422),
        ({"name": "x" * 201}, 422),
        ({"name": "A", "key": "WEB"}, 409),
    ],
)
def test_pg3_a_bad_project_is_shown_again(mara, project, fields, status):
    mara.open("/projects/new/")

    answer = mara.send("/projects/new/", **fields)

    assert answer.status_code == status
    assert mara.page.xpath("//*[@role='alert']")
    assert Project.objects.filter(owner=project.owner, is_inbox=False).count() == 1


def test_the_name_is_changed_and_a_conflict_shows_both(mara, project, admin):
    path = f"/projects/{project.pk}/settings/"
    mara.open(path)
    sent = values_of(mara.form(path, name="name")[0])
    update_project(actor=admin, project_id=project.pk, changes={"name": "Theirs"})

    mara.response = mara.client.post(path, sent | {"name": "Mine"})
    assert mara.response.status_code == 412
    assert "Theirs" in mara.text
    again = values_of(mara.form(path, name="name")[0])
    assert again["name"] == "Mine"
    assert mara.client.post(path, again).status_code == 303

    project.refresh_from_db()
    assert project.name == "Mine"


@pytest.mark.parametrize("name", ["guest", "GUEST", "guest@example.org"])
def test_a_member_is_added_by_name_or_address_gets_a_role_and_leaves(mara, project, name):
    guest = UserFactory(username="guest")
    path = f"/projects/{project.pk}/settings/members/"
    mara.open(path)
    mara.send(path, username=name, role="viewer")
    mara.follow()

    mara.send(f"{path}role/", user_id=str(guest.pk), role="commenter")
    assert Membership.objects.get(project=project, user=guest).role == "commenter"
    theirs = Browser(guest)
    theirs.open(path)
    theirs.send(f"{path}remove/", user_id=str(guest.pk))

    assert theirs.response["Location"] == "/projects/"
    assert theirs.open(path).status_code == 404


@pytest.mark.parametrize(("name", "status"), [("nobody", 422), ("", 422), ("member", 409), ("x@nowhere.example", 422)])
def test_pg3_somebody_who_cannot_be_added_is_said(mara, project, member, name, status):
    path = f"/projects/{project.pk}/settings/members/"
    mara.open(path)

    assert mara.send(path, username=name, role="member").status_code == status
    assert mara.page.xpath("//*[@role='alert']")


def test_the_owner_stays(mara, project, owner):
    path = f"/projects/{project.pk}/settings/members/"
    mara.open(path)

    assert mara.post(f"{path}remove/", user_id=owner.pk).status_code == 409
    assert mara.post(f"{path}role/", user_id=owner.pk, role="viewer").status_code == 409
    assert mara.post(f"{path}role/", user_id=owner.pk, role="owner").status_code == 400
    assert mara.post(f"{path}remove/", user_id="x").status_code == 404


def test_a_project_is_archived_opened_handed_over_and_deleted(mara, project, member):
    path = f"/projects/{project.pk}/settings/end/"
    mara.open(path)
    for act, state in [("archive", True), ("unarchive", False)]:
        mara.post(path, act=act)
        project.refresh_from_db()
        assert project.is_archived is state
    assert mara.post(path, act="transfer", user_id="").status_code == 422
    assert mara.post(path, act="").status_code == 422
    assert mara.post(path, act="transfer", user_id=member.pk).status_code == 303
    assert mara.post(path, act="delete").status_code == 403

    theirs = Browser(member)
    theirs.open(path)
    assert theirs.post(path, act="delete")["Location"] == "/projects/"
    theirs.follow()
    [undo] = [form for form in theirs.page.forms if "/restore/" in (form.get("action") or "")]
    theirs.send(undo.get("action").removeprefix("http://testserver"))
    assert theirs.response["Location"] == f"/projects/{project.pk}/"


def test_the_history_names_people_and_values(mara, project, admin):
    update_project(actor=admin, project_id=project.pk, changes={"name": "New name"})

    mara.open(f"/projects/{project.pk}/activity/")

    assert "projectadmin changed it" in mara.text


def test_the_history_names_tokens_and_takes_back_own_acts_alone(mara, project, task, owner, member, api):
    """E7, BU11: with the batch and the token of each event."""
    token = make_token(owner, scopes=["tasks:write"])
    other = TaskFactory(project=project)
    assert client_with(token.text).post(f"/api/tasks/{task.pk}/archive/").status_code == 200
    assert api(member).post(f"/api/tasks/{other.pk}/archive/").status_code == 200

    mara.open(f"/projects/{project.pk}/activity/")

    assert "with the API token “script”" in mara.text
    [form] = [each for each in mara.page.forms if "/undo/" in (each.get("action") or "")]
    assert f"{task.key} archived it" in form.text_content()
    answer = mara.send(form.get("action").removeprefix("http://testserver"))
    assert (answer.status_code, answer["Location"]) == (303, f"/projects/{project.pk}/activity/")
    task.refresh_from_db()
    other.refresh_from_db()
    assert (task.is_archived, other.is_archived) == (False, True)

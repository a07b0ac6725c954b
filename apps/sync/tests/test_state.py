"""GET sync/state/: what is new, in one statement."""

from __future__ import annotations

import pytest
from django.utils import timezone

from apps.notifications.models import Notification
from apps.projects.roles import Role
from apps.projects.tests.factories import MembershipFactory, ProjectFactory
from apps.sync.state import state_of, states_of
from apps.tasks.models import SavedView, ViewFavourite
from apps.tasks.services import create_task
from apps.users.models import User

PATH = "/api/sync/state/"


def test_it_names_the_last_number_of_each_visible_project(api, member, project, outsider):
    create_task(actor=member, project=project.pk, title="One")
    project.refresh_from_db()

    shown = api(member).get(PATH).json()

    assert shown["projects"] == {str(project.pk): project.last_seq}
    assert str(project.pk) not in api(outsider).get(PATH).json()["projects"]


def test_sy11_an_unchanged_state_is_a_304_and_a_changed_one_is_not(api, member, project):
    client = api(member)
    etag = client.get(PATH)["ETag"]

    unchanged = client.get(PATH, HTTP_IF_NONE_MATCH=etag)
    create_task(actor=member, project=project.pk, title="One")

    assert (unchanged.status_code, unchanged.content, unchanged["ETag"]) == (304, b"", etag)
    assert client.get(PATH, HTTP_IF_NONE_MATCH=etag).status_code == 200


def test_sy11_the_state_of_one_person_or_of_many_is_one_statement(
    member, viewer, outsider, project, django_assert_num_queries
):
    ProjectFactory(owner=member)
    people = [member, viewer, outsider]
    with django_assert_num_queries(1):
        states = states_of(person.pk for person in people)

    assert states == {person.pk: state_of(person) for person in people}
    assert project.pk in states[viewer.pk].projects
    assert project.pk not in states[outsider.pk].projects
    assert len({state.digest for state in states.values()}) == len(people)


def test_projects_narrow_the_state_and_its_tag(api, member, project):
    other = ProjectFactory(owner=member)
    client = api(member)

    narrowed = client.get(PATH, {"projects": [project.pk, 10**9]})

    assert list(narrowed.json()["projects"]) == [str(project.pk)]
    create_task(actor=member, project=other.pk, title="Elsewhere")
    assert client.get(PATH, {"projects": project.pk}, HTTP_IF_NONE_MATCH=narrowed["ETag"]).status_code == 304


@pytest.mark.parametrize("query", ["projects=x", "projects=-1", "projects=", "projects=1.5", "other=1"])
def test_bad_parameters_are_rejected(api, member, query):
    assert api(member).get(f"{PATH}?{query}").status_code == 400


def test_sy9_me_differs_once_something_of_the_persons_own_has_changed(member, project):
    seen = {state_of(member).me}

    def assert_new() -> None:
        me = state_of(member).me
        assert me not in seen
        assert state_of(member).me == me
        seen.add(me)

    User.objects.filter(pk=member.pk).update(nickname="Somebody else")
    assert_new()
    User.objects.filter(pk=member.pk).update(notification_preferences={"task_assigned": {"email": False}})
    assert_new()
    row = Notification.objects.create(recipient=member, kind="task_assigned", dedupe_key="1", project_id=project.pk)
    assert_new()
    Notification.objects.filter(pk=row.pk).update(read_at=timezone.now())
    assert state_of(member).me in seen
    view = SavedView.objects.create(owner=member, name="Mine")
    assert_new()
    SavedView.objects.filter(pk=view.pk).update(version=2)
    assert_new()
    shared = SavedView.objects.create(owner=project.owner, project=project, name="Ours", is_shared=True)
    assert state_of(member).me in seen
    ViewFavourite.objects.create(view=shared, user=member)
    assert_new()
    SavedView.objects.filter(pk=shared.pk).update(version=2)
    assert state_of(member).me in seen


def test_what_belongs_to_others_changes_nothing_of_me(member, viewer, project):
    before = state_of(member).me

    User.objects.filter(pk=viewer.pk).update(nickname="Somebody else")
    Notification.objects.create(recipient=viewer, kind="task_assigned", dedupe_key="1", project_id=project.pk)
    SavedView.objects.create(owner=viewer, name="Theirs")

    assert state_of(member).me == before


def test_a_project_in_the_trash_or_left_is_in_the_state_no_more(api, member, owner, project):
    other = ProjectFactory(owner=owner)
    MembershipFactory(project=other, user=member, role=Role.VIEWER)
    api(owner).delete(f"/api/projects/{other.pk}/")
    api(member).delete(f"/api/projects/{project.pk}/members/{member.pk}/")

    assert state_of(member).projects == {}

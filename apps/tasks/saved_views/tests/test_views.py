"""Saved views: who sees, changes and runs them, and what becomes of their filters."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.projects.models import Activity, Membership, Project
from apps.projects.roles import Role
from apps.projects.tests.factories import MembershipFactory, ProjectFactory
from apps.tasks.models import SavedView, ViewFavourite
from apps.tasks.saved_views.tests.view_helpers import URL, faults, found, listed, make
from apps.tasks.tests.factories import TaskFactory
from apps.users.tests.factories import PASSWORD, UserFactory

pytestmark = pytest.mark.django_db


def test_vi1_a_view_has_its_fields_with_their_defaults(api, owner):
    view = make(api(owner), name="  Everything ")

    assert {name: value for name, value in view.items() if not name.endswith("_at")} == {
        "id": view["id"],
        "name": "Everything",
        "project": None,
        "filter": "",
        "ordering": "-created_at",
        "layout": "list",
        "group_by": None,
        "columns": [],
        "is_shared": False,
        "is_favourite": False,
        "is_broken": False,
        "owner": {"id": owner.pk, "username": "owner", "nickname": "", "avatar": None},
        "version": 1,
    }
    board = make(api(owner), layout="board", columns=["title", "key"], ordering="due_date,-title")
    assert (board["group_by"], board["columns"]) == ("status", ["title", "key"])
    assert make(api(owner), layout="board", group_by=None)["group_by"] is None


@pytest.mark.parametrize(
    ("fields", "fault"),
    [
        ({"name": ""}, ("/name", "blank")),
        ({"name": "x" * 81}, ("/name", "max_length")),
        ({"name": 5}, ("/name", "invalid")),
        ({"filter": 5}, ("/filter", "invalid")),
        ({"filter": "proirty = high"}, ("/filter", "unknown_field")),
        ({"filter": "assignee = nobody-here"}, ("/filter", "does_not_exist")),
        ({"ordering": "size"}, ("/ordering", "invalid_choice")),
        ({"ordering": "rank"}, ("/ordering", "needs_project")),
        ({"layout": "tree"}, ("/layout", "invalid_choice")),
        ({"group_by": "title"}, ("/group_by", "invalid_choice")),
        ({"columns": ["secret"]}, ("/columns/0", "invalid_choice")),
        ({"columns": ["title"] * 21}, ("/columns", "max_length")),
        ({"project": 10**15}, ("/project", "does_not_exist")),
        ({"is_shared": True}, ("/is_shared", "needs_project")),
        ({"owner_id": 5}, ("/owner_id", "unknown_field")),
    ],
)
def test_vi1_vi5_a_wrong_field_is_rejected_and_nothing_is_saved(api, owner, fields, fault):
    answer = api(owner).post(URL, {"name": "View"} | fields)

    assert faults(answer) == [fault]
    assert SavedView.objects.count() == 0


def test_vi2_personal_views_are_their_owners_and_shared_ones_the_projects(api, project, owner, viewer, outsider):
    personal = make(api(owner), project=project.pk)["id"]
    shared = make(api(owner), project=project.pk, is_shared=True)["id"]
    everywhere = make(api(owner))["id"]

    assert set(listed(api(owner))) == {personal, shared, everywhere}
    assert listed(api(viewer)) == [shared]
    assert listed(api(outsider)) == []
    assert api(viewer).get(f"{URL}{personal}/").status_code == 404
    assert api(outsider).get(f"{URL}{shared}/").status_code == 404
    own = make(api(viewer), project=project.pk)["id"]
    Membership.objects.filter(user=viewer, project=project).delete()
    assert listed(api(viewer)) == []
    assert api(viewer).get(f"{URL}{own}/").status_code == 404
    assert faults(api(owner).get("/api/tasks/", {"view": own})) == [("/view", "does_not_exist")]


def test_vi2_sharing_needs_the_role_member(api, project, viewer, commenter, member):
    for person, status in ((viewer, 403), (commenter, 403), (member, 201)):
        body = {"name": "Shared", "project": project.pk, "is_shared": True}
        assert api(person).post(URL, body).status_code == status
    own = make(api(viewer), project=project.pk)["id"]
    assert api(viewer).patch(f"{URL}{own}/", {"is_shared": True}).status_code == 403


def test_vi3_a_shared_view_is_changed_by_its_owner_while_a_member_or_by_an_admin(api, project, member, admin, owner):
    other = MembershipFactory(project=project, role=Role.MEMBER).user
    view = make(api(member), project=project.pk, is_shared=True)
    url = f"{URL}{view['id']}/"

    assert api(other).patch(url, {"name": "No"}).status_code == 403
    assert api(other).delete(url).status_code == 403
    assert api(member).patch(url, {"name": "Mine"}).json()["version"] == 2
    assert api(admin).patch(url, {"name": "Ours"}).json()["name"] == "Ours"
    assert api(admin).patch(url, {"is_shared": False}).status_code == 403
    Membership.objects.filter(user=member, project=project).update(role=Role.VIEWER)
    assert api(member).patch(url, {"name": "No"}).status_code == 403
    assert api(admin).delete(url).status_code == 204
    assert api(owner).get(url).status_code == 404


def test_vi3_the_project_changes_only_while_the_view_is_not_shared(api, project, owner):
    other = ProjectFactory(owner=owner)
    client = api(owner)
    url = f"{URL}{make(client, project=project.pk, is_shared=True)['id']}/"

    assert faults(client.patch(url, {"project": other.pk})) == [("/project", "invalid")]
    assert faults(client.patch(url, {"project": None})) == [("/project", "invalid")]
    assert client.patch(url, {"project": other.pk, "is_shared": False}).json()["project"] == other.pk
    assert faults(client.patch(url, {"project": project.pk, "is_shared": True})) == [("/project", "invalid")]
    assert client.patch(url, {"project": project.pk}).json()["project"] == project.pk


def test_vi3_in_an_archived_project_shared_views_are_read_only_and_the_rest_is_free(api, project, owner):
    client = api(owner)
    shared = f"{URL}{make(client, project=project.pk, is_shared=True)['id']}/"
    own = f"{URL}{make(client, project=project.pk)['id']}/"
    client.post(f"/api/projects/{project.pk}/archive/")

    for answer in (
        client.patch(shared, {"name": "No"}),
        client.delete(shared),
        client.patch(own, {"is_shared": True}),
        client.post(URL, {"name": "No", "project": project.pk, "is_shared": True}),
    ):
        assert (answer.status_code, answer.json()["code"]) == (409, "project_archived")
    assert client.patch(own, {"name": "Yes"}).status_code == 200
    assert client.put(f"{shared}favourite/").status_code == 204
    assert client.delete(own).status_code == 204


def test_vi4_a_view_runs_as_its_reader_and_in_its_project(api, project, owner, member):
    other = ProjectFactory(owner=owner)
    mine, theirs = (TaskFactory(project=project, assigned_to=person).pk for person in (owner, member))
    TaskFactory(project=other, assigned_to=owner)
    view = make(api(owner), project=project.pk, is_shared=True, filter="assignee = me")["id"]

    assert found(api(owner), view) == [mine]
    assert found(api(member), view) == [theirs]
    assert found(api(owner), view, filter="status = done") == []
    assert found(api(owner), view, project=other.pk) == []
    everywhere = make(api(owner), filter="assignee = me")["id"]
    assert len(found(api(owner), everywhere)) == 2


def test_fi9_vi4_a_view_finds_the_same_by_every_route_and_its_order_holds_unless_another_is_sent(api, project, owner):
    client = api(owner)
    for title in ("b", "c", "a"):
        TaskFactory(project=project, title=title, created_by=owner)
    view = make(client, project=project.pk, filter="creator = me", ordering="title")["id"]
    by_title = found(client, view)

    titles = [row["title"] for row in client.get("/api/tasks/", {"view": view}).json()["results"]]
    assert titles == ["a", "b", "c"]
    assert found(client, view, ordering="-title") == by_title[::-1]
    assert client.get("/api/tasks/statistics/", {"view": view}).json()["total"] == 3
    queried = client.post("/api/tasks/query/", {"view": view, "count": True}).json()
    assert ([row["id"] for row in queried["results"]], queried["count"]) == (by_title, 3)
    assert client.get(f"{URL}counts/", {"ids": view}).json() == {"counts": {str(view): 3}}
    page = client.get("/api/tasks/", {"view": view, "page_size": 2}).json()
    client.patch(f"{URL}{view}/", {"ordering": "-title"})
    assert faults(client.get(page["next"])) == [("/cursor", "invalid_cursor")]


def test_vi4_the_project_of_a_view_lets_rank_be_its_order_and_shows_an_archived_project(api, project, owner):
    client = api(owner)
    ids = [TaskFactory(project=project).pk for _ in range(3)]
    view = make(client, project=project.pk, ordering="rank")["id"]
    assert sorted(found(client, view)) == sorted(ids)

    client.post(f"/api/projects/{project.pk}/archive/")
    assert sorted(found(client, view)) == sorted(ids)
    assert faults(client.patch(f"{URL}{view}/", {"project": None})) == [("/ordering", "needs_project")]


def test_vi7_limits_of_views_and_of_counts(api, project, owner, member, settings):
    settings.VIEWS_MAX = 2
    client = api(owner)
    ids = [make(client)["id"] for _ in range(2)]
    answer = client.post(URL, {"name": "One more"})
    assert (answer.status_code, answer.json()["code"], answer.json()["limit"]) == (409, "too_many_views", 2)

    settings.VIEWS_MAX = 200
    SavedView.objects.bulk_create(
        SavedView(owner=member, project=project, name=str(number), is_shared=True) for number in range(100)
    )
    answer = client.post(URL, {"name": "One more", "project": project.pk, "is_shared": True})
    assert (answer.status_code, answer.json()["code"], answer.json()["limit"]) == (409, "too_many_views", 100)
    own = make(client, project=project.pk)["id"]
    assert client.patch(f"{URL}{own}/", {"is_shared": True}).json()["code"] == "too_many_views"
    assert faults(client.get(f"{URL}counts/", {"ids": list(range(1, 52))})) == [("/ids", "too_many")]
    assert faults(client.get(f"{URL}counts/", {"ids": [ids[0], 10**9]})) == [("/ids", "does_not_exist")]
    assert faults(client.get(f"{URL}counts/", {"ids": "all"})) == [("/ids", "invalid")]


def test_vi7_counts_are_those_of_the_favourites_unless_ids_are_named(api, project, owner):
    client = api(owner)
    TaskFactory(project=project)
    first, second = (make(client, name=name)["id"] for name in "ab")
    assert client.get(f"{URL}counts/").json() == {"counts": {}}
    for _ in range(2):
        assert client.put(f"{URL}{first}/favourite/").status_code == 204

    assert client.get(f"{URL}counts/").json() == {"counts": {str(first): 1}}
    assert listed(client, favourite="true") == [first]
    assert listed(client, favourite="false") == [second]
    assert client.get(f"{URL}{first}/").json()["is_favourite"]
    for _ in range(2):
        assert client.delete(f"{URL}{first}/favourite/").status_code == 204
    assert listed(client, favourite="true") == []


def test_vi8_shared_views_alone_have_events_and_stay_when_their_owner_leaves(api, project, member, admin):
    client = api(member)
    make(client, project=project.pk)
    view = make(client, project=project.pk, is_shared=True, name="Ours")["id"]
    url = f"{URL}{view}/"
    client.patch(url, {"name": "Ours, too"})
    client.patch(url, {"name": "Ours, too"})
    client.patch(url, {"is_shared": False})
    client.patch(url, {"is_shared": True})
    api(admin).delete(f"/api/projects/{project.pk}/members/{member.pk}/")
    assert listed(api(admin)) == [view]
    api(admin).delete(url)

    events = Activity.objects.filter(project=project, object_type="view").order_by("seq")
    assert [event.type for event in events] == [
        "view.created", "view.updated", "view.deleted", "view.created", "view.deleted",
    ]  # fmt: skip
    assert {event.object_id for event in events} == {view}
    assert events[1].changes == {"name": {"from": "Ours", "to": "Ours, too"}}


def test_the_list_is_narrowed_sorted_and_costs_the_same_for_many_views(api, project, owner, member):
    client = api(owner)
    TaskFactory(project=project, assigned_to=member)
    a = make(client, name="Äpfel", project=project.pk, is_shared=True, filter="assignee = member")["id"]
    b = make(client, name="Birnen", project=project.pk, filter="project = WEB")["id"]
    c = make(client, name="arm", filter="key = WEB-1")["id"]

    assert listed(client) == [a, c, b]
    assert listed(client, ordering="-name") == [b, c, a]
    assert listed(client, ordering="created_at") == [a, b, c]
    assert listed(client, project=project.pk, shared="true") == [a]
    assert listed(client, project="none") == [c]
    assert listed(client, shared="false") == [c, b]
    with CaptureQueriesContext(connection) as few:
        client.get(URL)
    for _ in range(10):
        make(client, filter="assignee = member and project = WEB and key = WEB-1")
    with CaptureQueriesContext(connection) as many:
        client.get(URL)
    assert len(many) == len(few)


def test_if_match_and_idempotency_key_are_honoured(api, owner):
    client = api(owner)
    first = client.post(URL, {"name": "View"}, headers={"idempotency-key": "once"})
    again = client.post(URL, {"name": "View"}, headers={"idempotency-key": "once"})
    assert again.json() == first.json()
    url, etag = f"{URL}{first.json()['id']}/", client.get(f"{URL}{first.json()['id']}/")["ETag"]

    assert client.get(url, headers={"if-none-match": etag}).status_code == 304
    assert client.patch(url, {"name": "New"}, headers={"if-match": etag}).status_code == 200
    for answer in (
        client.patch(url, {"name": "Newer"}, headers={"if-match": etag}),
        client.delete(url, headers={"if-match": etag}),
    ):
        assert answer.status_code == 412
    assert client.put(url, {"name": "x"}).status_code == 405


def test_views_end_with_their_project_and_personal_ones_with_their_account(api, project, owner, member):
    mine, shared = (make(api(member), project=project.pk, is_shared=each)["id"] for each in (False, True))
    everywhere = make(api(member))["id"]
    for pk in (mine, shared):
        api(member).put(f"{URL}{pk}/favourite/")
    assert api(member).delete("/api/auth/profile/", {"password": PASSWORD}).status_code == 204
    assert list(SavedView.objects.values_list("pk", flat=True)) == [shared]
    assert not SavedView.objects.filter(pk=everywhere).exists()
    assert ViewFavourite.objects.count() == 0

    api(owner).put(f"{URL}{shared}/favourite/")
    Project.objects.filter(pk=project.pk).delete()
    assert SavedView.objects.count() == 0


@pytest.mark.parametrize("name", ["a\x00b", "\ud800"])
def test_hostile_names_are_rejected(api, owner, name):
    body = '{"name": "a' + name.encode("unicode_escape").decode().replace("\\x00", "\\u0000") + '"}'
    answer = api(owner).post(URL, data=body, content_type="application/json")
    assert answer.status_code == 400


def test_an_outsider_learns_nothing_of_views(api, project, owner, outsider):
    view = make(api(owner), project=project.pk, is_shared=True)["id"]
    client = api(UserFactory())
    for answer in (
        client.get(f"{URL}{view}/"),
        client.patch(f"{URL}{view}/", {"name": "No"}),
        client.delete(f"{URL}{view}/"),
        client.put(f"{URL}{view}/favourite/"),
    ):
        assert answer.status_code == 404
    assert faults(client.get("/api/tasks/", {"view": view})) == [("/view", "does_not_exist")]
    assert faults(client.post("/api/tasks/query/", {"view": view})) == [("/view", "does_not_exist")]

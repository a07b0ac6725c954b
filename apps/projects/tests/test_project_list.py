"""GET /api/projects/."""

from __future__ import annotations

import pytest
from django.utils import timezone

from apps.projects.roles import Role
from apps.projects.tests.factories import MembershipFactory, ProjectFactory

URL = "/api/projects/"


@pytest.fixture
def shelf(member, project):
    """What `member` has: WEB as member, an own one, one as viewer, one archived."""
    own = ProjectFactory(owner=member, name="alpha", key="OWN", description="Rockets and gardens")
    seen = MembershipFactory(user=member, role=Role.VIEWER, project__name="Beta", project__key="BETA").project
    archived = ProjectFactory(owner=member, name="Old", key="OLD", archived_at=timezone.now())
    ProjectFactory(name="Somebody else's")
    return {"project": project, "own": own, "seen": seen, "archived": archived}


def names(response):
    assert response.status_code == 200, response.json()
    return [row["name"] for row in response.json()["results"]]


def test_own_and_shared_projects_are_listed_newest_first_with_the_callers_role(api, member, shelf):
    results = api(member).get(URL).json()["results"]

    assert [(row["name"], row["role"]) for row in results] == [
        ("Beta", "viewer"),
        ("alpha", "owner"),
        ("Website", "member"),
    ]
    assert "members" not in results[0]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("?ordering=name", ["alpha", "Beta", "Website"]),
        ("?ordering=-name", ["Website", "Beta", "alpha"]),
        ("?ordering=created_at", ["Website", "alpha", "Beta"]),
        ("?ordering=-updated_at", ["Beta", "alpha", "Website"]),
        ("?role=viewer", ["Beta"]),
        ("?role=admin", []),
        ("?archived=true", ["Old"]),
        ("?archived=false&ordering=name", ["alpha", "Beta", "Website"]),
        ("?search=ROCKET", ["alpha"]),
        ("?search=web", ["Website"]),
        ("?search=bet", ["Beta"]),
        ("?search=100%25", []),
        ("?search=nothing", []),
    ],
)
def test_the_list_is_narrowed_and_ordered(api, member, shelf, query, expected):
    assert names(api(member).get(URL + query)) == expected


@pytest.mark.parametrize(
    ("query", "pointer"),
    [
        ("?role=king", "/role"),
        ("?archived=maybe", "/archived"),
        ("?colour=red", "/colour"),
        ("?ordering=owner", "/ordering"),
        ("?ordering=memberships__user__email", "/ordering"),
        ("?search=%00", "/search"),
        ("?page_size=0", "/page_size"),
        ("?cursor=nonsense", "/cursor"),
    ],
)
def test_what_the_list_does_not_understand_is_rejected(api, member, query, pointer):
    response = api(member).get(URL + query)

    assert response.status_code == 400
    assert [error["pointer"] for error in response.json()["errors"]] == [pointer]


def test_the_pages_hold_each_project_once_and_count_on_request(api, member, shelf):
    client, seen = api(member), []
    page = client.get(URL + "?page_size=2&ordering=name&count=true").json()
    assert page["count"] == 3
    while True:
        seen += [row["name"] for row in page["results"]]
        if page["next"] is None:
            break
        page = client.get(page["next"]).json()

    assert seen == ["alpha", "Beta", "Website"]


def test_staff_sees_nobody_elses_projects(api, staff, project):
    assert names(api(staff).get(URL)) == []


def test_the_number_of_queries_does_not_grow_with_the_projects(api, member, shelf, django_assert_num_queries):
    for _ in range(15):
        MembershipFactory(user=member)

    client = api(member)
    with django_assert_num_queries(2):  # the caller, the page
        assert len(names(client.get(URL))) == 18


# CONTRACT section 8, "Search": projects are found by words as tasks are; a part of a name finds them too
@pytest.mark.parametrize(
    ("name", "found", "missing"),
    [
        (
            "Frontend/Backend 2026",
            ["backend front", "2026", "frontend/backend", "end/back"],
            ["backend 2025", "frontal"],
        ),
        ("Straßenbau Süd", ["STRASSENBAU", "su\u0308d", "bau s"], ["sud"]),
        ("顧客管理システム", ["管理", "システム", "客管理シス", "\uff7c\uff7d\uff83\uff91"], ["理客"]),
        ("100% done_it", ["100%", "done_it", "done it"], ["%%", "_%", "101%"]),
    ],
)
def test_projects_are_found_by_words_and_by_parts_in_every_script(api, owner, name, found, missing):
    ProjectFactory(owner=owner, name=name, key="NAME")

    def search(text):
        return names(api(owner).get(URL, {"search": text}))

    assert [text for text in [*found, name] if search(text) != [name]] == []
    assert [text for text in missing if search(text)] == []

"""CONTRACT section 8, "Sorting": titles, names and usernames in the order of the root collation, page by page."""

from __future__ import annotations

import random

import pytest

from apps.projects.tests.factories import ProjectFactory
from apps.tasks.tests.factories import TaskFactory
from apps.users.tests.factories import UserFactory

pytestmark = pytest.mark.django_db

TITLES = [
    "#1", "2", "apple", "Apple", "Arger", "Ärger", "Ärger", "Ärger", "banana", "éclair", "Éclair", "Łódź", "Straße",
    "zebra", "Ωμέγα", "ёлка", "ель", "йод", "ขวด", "เข็ม", "あめ", "アメ", "日本",
]  # fmt: skip


def walk(client, url, link="next"):
    found = []
    while url:
        page = client.get(url).json()
        found.append(page["results"])
        url, last = page[link], page
    return found, last


@pytest.mark.parametrize("size", [1, 2, 5, 100])
def test_titles_are_sorted_as_people_sort_them_whatever_the_page(api, owner, project, size):
    ids = {}
    for position, title in random.Random(2).sample(list(enumerate(TITLES)), len(TITLES)):
        ids[position] = TaskFactory(project=project, title=title).pk
    forth, last = walk(api(owner), f"/api/tasks/?ordering=title&page_size={size}")
    back, _ = walk(api(owner), last["previous"], "previous") if last["previous"] else ([], None)
    down, _ = walk(api(owner), f"/api/tasks/?ordering=-title&page_size={size}")
    rows = [row for page in forth for row in page]

    assert [row["title"] for row in rows] == TITLES
    assert len({row["id"] for row in rows}) == len(TITLES)
    assert [row["id"] for row in rows[5:8]] == sorted(row["id"] for row in rows[5:8])
    assert [row for page in reversed(back) for row in page] == rows[: -len(forth[-1])]
    assert [row["title"] for page in down for row in page] == TITLES[::-1]
    assert ids


def test_a_page_of_the_longest_titles_has_a_link_that_can_be_followed(api, owner, project):
    for letter in "😀\U00020000é\ufdfa":
        TaskFactory.create_batch(2, project=project, title=letter * 200)

    for order in ("title", "-title"):
        pages, _ = walk(api(owner), f"/api/tasks/?ordering={order}&page_size=1")
        link = api(owner).get(f"/api/tasks/?ordering={order}&page_size=1").json()["next"]
        assert len(pages) == 8
        assert len(link) < 8_000


@pytest.mark.parametrize("sign", ["", "-"])
def test_projects_are_sorted_as_people_sort_them(api, owner, sign):
    names = ["Arger", "Ärger", "banana", "Éclair", "zebra", "日本"]
    for name in random.Random(1).sample(names, len(names)):
        ProjectFactory(owner=owner, name=name)

    pages, _ = walk(api(owner), f"/api/projects/?ordering={sign}name&page_size=2")

    assert [row["name"] for page in pages for row in page] == names[:: -1 if sign else 1]


def test_people_are_sorted_as_people_sort_them(api):
    names = ["Arger", "Ärger", "banana", "Éclair", "zebra", "日本"]
    for name in random.Random(1).sample(names[1:], len(names) - 1):
        UserFactory(username=name, email=f"{len(name)}{ord(name[0])}@example.org")
    staff = UserFactory(username="Arger", is_staff=True)

    pages, _ = walk(api(staff), "/api/auth/users/?ordering=username&page_size=2")

    assert [row["username"] for page in pages for row in page] == names


def test_the_admin_sorts_its_columns_so(client):
    root = UserFactory(username="Arger", is_staff=True, is_superuser=True)
    for name in ["zebra", "Ärger", "banana"]:
        UserFactory(username=name, email=f"{ord(name[0])}@example.org")
    client.force_login(root)

    page = client.get("/admin/users/user/?o=1")

    assert [user.username for user in page.context["cl"].result_list] == ["Arger", "Ärger", "banana", "zebra"]

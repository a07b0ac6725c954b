"""The arrows of a task's page: the task before and behind it in the list that the person came from."""

from __future__ import annotations

from urllib.parse import urlencode

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.projects.tests.factories import ProjectFactory
from apps.tasks.tests.factories import TaskFactory
from apps.web.tasks import steps as module

pytestmark = pytest.mark.django_db
SITE = "http://testserver"


def arrows(browser, task, **headers):
    """Return the addresses that the page leads to, by what they are called."""
    browser.open(f"/tasks/{task.pk}/", **headers)
    return followed(browser)


def followed(browser):
    assert browser.response.status_code == 200
    return {link.get("rel"): link.get("href").removeprefix(SITE) for link in browser.page.xpath("//a[@rel]")}


def target(address):
    return int(address.split("/")[2])


def walk(browser, way):
    """Return the ids of the tasks that the arrow of one way leads through, from the page that is open."""
    found = []
    while address := followed(browser).get(way):
        browser.open(address)
        found.append(target(address))
    return found


@pytest.fixture
def tasks(project):
    return [TaskFactory(project=project, title=title) for title in "abcd"]


def test_pg11_the_neighbours_are_those_of_the_list_that_the_page_was_opened_from(browser, owner, project, tasks):
    a, b, c, _d = tasks
    mara = browser(owner)

    found = arrows(mara, b, referer=f"{SITE}/projects/{project.pk}/?ordering=title")

    assert (target(found["prev"]), target(found["next"])) == (a.pk, c.pk)
    mara.open(found["next"])
    assert walk(mara, "prev") == [b.pk, a.pk]
    assert "next" in followed(mara)


def test_pg11_the_ends_of_the_list_have_one_neighbour_and_filters_narrow_it(browser, owner, project, tasks):
    a, b, _c, d = tasks
    type(a).objects.filter(pk=b.pk).update(priority="urgent")
    mara = browser(owner)
    whole = f"{SITE}/projects/{project.pk}/?ordering=-title"

    assert set(arrows(mara, d, referer=whole)) == {"next"}
    assert set(arrows(mara, a, referer=whole)) == {"prev"}
    assert arrows(mara, b, referer=f"{SITE}/projects/{project.pk}/?priority=urgent") == {}
    assert arrows(mara, a, referer=f"{SITE}/projects/{project.pk}/?priority=urgent") == {}  # it is not in that list


def test_pg11_views_search_and_the_columns_of_the_board_are_lists_too(api, browser, owner, project, tasks):
    a, b, c, d = tasks
    type(a).objects.filter(pk=c.pk).update(status="review")
    mara = browser(owner)
    made = {"name": "By title", "filter": "status = todo", "ordering": "title", "project": project.pk}
    view = api(owner).post("/api/views/", made, format="json").json()["id"]

    for path in (f"/views/{view}/", f"/projects/{project.pk}/board/", "/search/?status=todo&ordering=title"):
        found = arrows(mara, b, referer=f"{SITE}{path}")
        assert {target(each) for each in found.values()} == {a.pk, d.pk}, path
        mara.open(found["next"])
        assert set(followed(mara)) == {"prev"}, path


@pytest.mark.parametrize(
    "referer",
    [
        "http://elsewhere.example/projects/{}/",
        SITE + "/",
        SITE + "/search/",
        SITE + "/projects/{}/settings/",
        SITE + "/projects/{}/?ordering=nonsense",
        SITE + "/projects/{}/?cursor=nonsense",
        SITE + "/projects/99999999999999999999999/",
        SITE + "/views/999999/",
        "http://[",
    ],
)
def test_pg11_without_a_list_there_are_no_arrows(browser, owner, project, tasks, referer):
    assert arrows(browser(owner), tasks[1], referer=referer.format(project.pk)) == {}
    assert arrows(browser(owner), tasks[1]) == {}


def test_pg2_the_list_of_a_stranger_gives_no_neighbours_away(browser, owner, project, tasks):
    foreign = ProjectFactory()
    TaskFactory(project=foreign)
    query = urlencode({"from": f"/projects/{foreign.pk}/"})
    mara = browser(owner)
    for path in (f"?{query}", "?from=//elsewhere.example/projects/1/", "?from=%0d%0a"):
        mara.open(f"/tasks/{tasks[0].pk}/{path}")
        assert followed(mara) == {}


@pytest.mark.parametrize("ordering", ["title", "-title", "due_date,title", "group,-created_at", "rank"])
def test_pg11_walking_over_the_edge_of_what_is_read_leaves_nothing_out(browser, owner, project, monkeypatch, ordering):
    monkeypatch.setattr(module, "MAX_PAGE_SIZE", 6)
    tasks = [TaskFactory(project=project, title=title) for title in "abcdefghij"]
    mara = browser(owner)
    listed = mara.open(f"/projects/{project.pk}/?ordering={ordering}").context["tasks"].rows
    order = [each.pk for each in listed]
    assert sorted(order) == sorted(each.pk for each in tasks)

    arrows(mara, listed[0], referer=f"{SITE}/projects/{project.pk}/?ordering={ordering}")
    assert walk(mara, "next") == order[1:]
    assert walk(mara, "prev") == order[-2::-1]


@pytest.mark.parametrize("count", range(1, 9))
def test_pg11_short_lists_are_walked_to_and_fro(browser, owner, project, monkeypatch, count):
    """As many as are read at once, fewer and more."""
    monkeypatch.setattr(module, "MAX_PAGE_SIZE", 5)
    order = [TaskFactory(project=project, title=title).pk for title in "abcdefgh"[:count]]
    mara = browser(owner)

    mara.open(f"/tasks/{order[0]}/", referer=f"{SITE}/projects/{project.pk}/?ordering=title")
    assert walk(mara, "next") == order[1:]
    assert walk(mara, "prev") == order[:-1][::-1]
    assert walk(mara, "next") == order[1:]


def test_pg13_neighbours_cost_one_statement_and_only_for_who_comes_from_a_list(browser, owner, project, tasks):
    mara = browser(owner)
    counts = []
    for headers in ({}, {"referer": f"{SITE}/projects/{project.pk}/"}):
        arrows(mara, tasks[1], **headers)
        with CaptureQueriesContext(connection) as queries:
            arrows(mara, tasks[1], **headers)
        counts.append(len(queries))

    assert counts[1] - counts[0] == 1

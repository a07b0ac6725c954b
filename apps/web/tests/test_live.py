"""PG9: what the pages give to the script that lets them follow what others do."""

from __future__ import annotations

import pytest

from apps.projects.services import remove_member
from apps.tasks.models import SavedView
from apps.tasks.tests.factories import TaskFactory
from apps.web.tests.browser import Browser

pytestmark = pytest.mark.django_db
STATE = "/events/state/"
LAYOUTS = ("board", "calendar")


@pytest.fixture
def _live(settings):
    settings.PAGES_LIVE = "stream"


@pytest.mark.parametrize(
    "path", ["/", "/projects/{0}/", "/projects/{0}/board/", "/projects/{0}/calendar/", "/tasks/{1}/"]
)
def test_pg9_a_page_that_has_not_changed_is_304_and_one_that_has_is_another(owner, project, task, path):
    path = path.format(project.pk, task.pk)
    browser = Browser(owner)
    tag = browser.open(path)["ETag"]

    same = browser.open(path, If_None_Match=tag)
    TaskFactory(project=project, title="New", assigned_to=owner, parent=task if path.startswith("/tasks/") else None)
    other = browser.open(path, If_None_Match=tag)

    assert (same.status_code, same.content, same["ETag"]) == (304, b"", tag)
    assert same["Cache-Control"] == "private, no-store"
    assert (other.status_code, other["ETag"] != tag) == (200, True)


@pytest.mark.usefixtures("_live")
def test_pg9_a_page_says_which_project_it_shows_and_how_far_it_has_come(owner, project):
    browser = Browser(owner)
    browser.open(f"/projects/{project.pk}/board/")
    project.refresh_from_db()
    [main] = browser.page.xpath("//main")
    browser.open("/")
    [day] = browser.page.xpath("//main")

    assert (main.get("data-live"), main.get("data-seq")) == (str(project.pk), str(project.last_seq))
    assert (main.get("data-mode"), day.get("data-live")) == ("stream", "*")
    assert browser.page.xpath("//script[contains(@src, 'live')]")


@pytest.mark.usefixtures("_live")
def test_pg9_every_layout_of_tasks_has_one_part_that_is_fetched_again_without_the_fields_of_its_filters(owner, project):
    view = SavedView.objects.create(owner=owner, name="Month", layout="calendar")
    browser = Browser(owner)
    parts = {}
    for path in ("/", f"/projects/{project.pk}/", *(f"/projects/{project.pk}/{layout}/" for layout in LAYOUTS)):
        browser.open(path)
        parts[path] = [each.get("id") for each in browser.page.xpath("//main[@data-live]//*[@data-region]")]
    browser.open(f"/views/{view.pk}/")
    parts["view"] = [each.get("id") for each in browser.page.xpath("//main[@data-live]//*[@data-region]")]

    assert {tuple(each) for each in parts.values()} == {("list",)}
    assert browser.page.xpath("//*[@data-region]//table[contains(@class, 'month')]")
    assert not browser.page.xpath("//*[@data-region]//select")


def test_pg9_pages_that_do_not_follow_have_no_script_for_it(owner):
    browser = Browser(owner)
    browser.open("/")

    assert not browser.page.xpath("//main[@data-live] | //script[contains(@src, 'live')]")


def test_pg9_sr5_the_state_is_for_the_cookie_and_looks_at_memberships_each_time(api, owner, member, project):
    browser = Browser(member)
    first = browser.open(STATE)
    same = browser.open(STATE, If_None_Match=first["ETag"])
    remove_member(actor=owner, project_id=project.pk, user_id=member.pk)
    after = browser.open(STATE, If_None_Match=first["ETag"])

    assert first.json() == {"projects": first.json()["projects"], "me": first.json()["me"]}
    assert str(project.pk) in first.json()["projects"]
    assert (same.status_code, first["Cache-Control"]) == (304, "private, no-store")
    assert str(project.pk) not in after.json()["projects"]
    assert Browser().open(STATE).status_code == 401
    assert api(owner).get(STATE).status_code == 401

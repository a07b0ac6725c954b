"""PG10 in a real browser, on the board of a view: by mouse, by keys, by two people, and what is not done goes back."""

import json

import pytest
from django.contrib.auth.hashers import make_password

from apps.projects.tests.factories import MembershipFactory, ProjectFactory
from apps.tasks.models import SavedView, Task
from apps.tasks.services import delete_task
from apps.tasks.tests.factories import TaskFactory
from apps.users.models import User
from apps.users.tests.factories import PASSWORD, UserFactory
from config.tests.browser.chromium import IN_CHROMIUM, Chromium, wait

pytestmark = IN_CHROMIUM
FOCUS = "document.activeElement.closest('[data-task]')?.dataset.task"
TOAST = "document.querySelector('#toast')?.innerText ?? ''"
ALERT = "document.querySelector('#list [role=alert]')?.innerText ?? ''"


@pytest.fixture
def browser():
    chromium = Chromium()
    chromium.tabs = []
    yield chromium
    for tab in chromium.tabs:
        tab.close()
    chromium.close()


@pytest.fixture
def project(transactional_db):
    owner = UserFactory(username="mara", password=make_password(PASSWORD), nickname="Mara")
    made = ProjectFactory(owner=owner, name="Website", key="WEB")
    for name, role in (("ben", "member"), ("vera", "viewer")):
        person = UserFactory(username=name, password=make_password(PASSWORD), nickname=name.title())
        MembershipFactory(project=made, user=person, role=role)
    return made


def shown(browser, url, project, name, group_by):
    """Return a tab in which `name` sees the project's board by `group_by`; other hosts keep their cookies apart."""
    view, _ = SavedView.objects.get_or_create(
        owner=project.owner, project=project, name=group_by, group_by=group_by, layout="board", is_shared=True
    )
    tab = browser.tab()
    browser.tabs.append(tab)
    tab.resize(1280, 900)
    tab.open(f"{url}/login/")
    tab.fill("#id_username", name)
    tab.fill("#id_password", PASSWORD)
    tab.click("button.primary")
    tab.wait_for("#side")
    tab.open(f"{url}/views/{view.pk}/")
    return tab


def columns(tab):
    script = """JSON.stringify(Object.fromEntries([...document.querySelectorAll(".col > ol")].map(
        (each) => [each.dataset.value, [...each.querySelectorAll("a.t")].map((link) => link.innerText).join("")])))"""
    return json.loads(tab.run(script))


def test_pg10_by_priority_a_card_moves_by_keys_mouse_and_menu_and_back_by_z(browser, live_server, project):
    a, b = (TaskFactory(project=project, title=title, priority="low") for title in "ab")
    tab = shown(browser, live_server.url, project, "mara", "priority")
    tab.run("window.isStill = true")

    tab.run(f"document.querySelector('#t-{a.pk} a.t').focus()")
    for expected in ("medium", "high"):
        tab.key("Alt+ArrowLeft")
        wait(lambda expected=expected: columns(tab)[expected] == "a" and tab.run(FOCUS) == str(a.pk))
    wait(lambda: "a has the priority High" in tab.run(TOAST))
    tab.drag(f"#t-{b.pk} .key", "#col-urgent")
    wait(lambda: "b has the priority Urgent" in tab.run(TOAST))
    assert columns(tab) == {"urgent": "b", "high": "a", "medium": "", "low": ""}
    tab.run(f"document.querySelector('#move-{b.pk} [value=low]').click()")
    wait(lambda: "b has the priority Low" in tab.run(TOAST))
    assert tab.run("window.isStill") is True

    tab.key("z")
    wait(lambda: Task.objects.get(pk=b.pk).priority == "urgent")
    assert tab.complaints == []


def test_pg10_by_assignee_two_people_and_what_is_not_done_goes_back(browser, live_server, project):
    a, b = (TaskFactory(project=project, title=title) for title in "ab")
    mara = shown(browser, live_server.url, project, "mara", "assignee")
    ben = shown(browser, live_server.url.replace("localhost", "127.0.0.1"), project, "ben", "assignee")
    owner, member = User.objects.get(username="mara"), User.objects.get(username="ben")

    mara.drag(f"#t-{a.pk} .key", f"#col-{member.pk}")
    wait(lambda: "a is assigned to Ben" in mara.run(TOAST))
    ben.drag(f"#t-{a.pk} .key", f"#col-{owner.pk}")  # he still sees it with nobody
    wait(lambda: "a is assigned to Mara" in ben.run(TOAST))
    assert columns(ben)[str(owner.pk)] == "a"
    mara.run(f"document.querySelector('#t-{a.pk} a.t').focus()")
    mara.key("Alt+ArrowLeft")
    wait(lambda: Task.objects.get(pk=a.pk).assigned_to is None)

    delete_task(actor=owner, task=Task.objects.get(pk=b.pk))
    ben.drag(f"#t-{b.pk} .key", f"#col-{member.pk}")
    wait(lambda: "nothing at this address" in ben.run(TOAST) or "trash" in ben.run(TOAST))
    assert "b" in columns(ben)[""]  # back where it was, until the page hears of it
    complaints = [each for each in mara.complaints + ben.complaints if "404" not in each]
    assert complaints == []


def test_pg10_a_viewer_has_no_handles_and_a_card_stays_where_it_is(browser, live_server, project):
    a = TaskFactory(project=project, title="a", priority="low")
    tab = shown(browser, live_server.url, project, "vera", "priority")

    assert tab.run("document.querySelectorAll('.card button').length") == 0
    tab.drag(f"#t-{a.pk} .key", "#col-urgent")
    tab.run(f"document.querySelector('#t-{a.pk} a.t').focus()")
    tab.key("Alt+ArrowLeft")

    assert columns(tab) == {"urgent": "", "high": "", "medium": "", "low": "a"}
    assert Task.objects.get(pk=a.pk).priority == "low"
    assert [url for url in tab.requests if f"/tasks/{a.pk}/" in url and "labels" not in url] == []
    assert tab.complaints == []

"""PG3 in a real browser: what was typed when the session ended stands in its form again, for the same person alone."""

import pytest
from django.contrib.auth.hashers import make_password

from apps.projects.models import Membership
from apps.projects.tests.factories import ProjectFactory
from apps.tasks.models import Comment, Task
from apps.tasks.tests.factories import TaskFactory
from apps.users.models import Session, User
from apps.users.tests.factories import PASSWORD, UserFactory
from config.tests.browser.chromium import IN_CHROMIUM, Chromium, wait

pytestmark = IN_CHROMIUM
TOAST = "document.querySelector('#toast')?.innerText ?? ''"
COMMENT = "document.querySelector('#task textarea[name=body]')?.value"
KEPT = "sessionStorage.getItem('taskhouse:drafts')"
PRESS_COMMENT = "#task form[action$='/comments/'] button.primary"


@pytest.fixture
def tab(live_server, transactional_db):
    for name in ("mara", "noor"):
        UserFactory(username=name, password=make_password(PASSWORD))
    browser = Chromium()
    page = browser.tab()
    page.resize(1280, 900)
    page.open(f"{live_server.url}/login/")
    sign_in(page, "mara")
    yield page
    browser.close()


@pytest.fixture
def task(tab):
    mara, noor = (User.objects.get(username=name) for name in ("mara", "noor"))
    project = ProjectFactory(owner=mara, name="Website", key="WEB")
    Membership.objects.create(project=project, user=noor, role="member")
    return TaskFactory(project=project, title="Rent", created_by=mara)


def sign_in(tab, name):
    tab.wait_for("#id_username")
    tab.fill("#id_username", name)
    tab.fill("#id_password", PASSWORD)
    tab.click("button.primary")
    tab.wait_for("#side")


def end_sessions():
    Session.objects.all().delete()


def send_comment_without_session(tab, live_server, task, text):
    tab.open(f"{live_server.url}/tasks/{task.pk}/")
    tab.fill("#task textarea[name=body]", text)
    end_sessions()
    tab.click(PRESS_COMMENT)


def at_login(tab):
    tab.wait_for("#id_username")
    return tab


def test_pg3_a_comment_of_an_ended_session_is_offered_to_who_wrote_it_and_sent_once(tab, live_server, task):
    send_comment_without_session(tab, live_server, task, "Paid on Monday.")
    sign_in(at_login(tab), "mara")

    wait(lambda: tab.run(COMMENT) == "Paid on Monday.")
    assert "it stands in its form again" in tab.run(TOAST)
    tab.click(PRESS_COMMENT)
    wait(lambda: Comment.objects.filter(body="Paid on Monday.").count() == 1)
    wait(lambda: tab.run(COMMENT) == "")
    tab.open(f"{live_server.url}/tasks/{task.pk}/")
    wait(lambda: tab.run(KEPT) is None)
    assert tab.run(COMMENT) == ""


def test_pg3_nobody_else_sees_what_was_typed_nor_keeps_it(tab, live_server, task):
    send_comment_without_session(tab, live_server, task, "Between us.")
    sign_in(at_login(tab), "noor")

    wait(lambda: tab.run(KEPT) is None)
    assert (tab.run(COMMENT), "stands in its form" in tab.run(TOAST)) == ("", False)


def test_pg3_a_description_that_somebody_changed_meanwhile_is_not_overwritten(tab, live_server, task):
    tab.open(f"{live_server.url}/tasks/{task.pk}/")
    tab.click("#task-edit")
    tab.wait_for("#id_description")
    tab.fill("#id_description", "Mine")
    end_sessions()
    tab.click("#task form .btn.primary")
    at_login(tab)
    Task.objects.filter(pk=task.pk).update(description="Theirs", version=task.version + 1)
    sign_in(tab, "mara")

    wait(lambda: "is kept" in tab.run(TOAST))
    tab.click("#toast a")
    wait(lambda: tab.run("document.querySelector('#id_description')?.value") == "Mine")
    tab.click("#task form .btn.primary")
    wait(lambda: tab.run("document.querySelector('#task [role=alert]') !== null"))
    assert Task.objects.get(pk=task.pk).description == "Theirs"
    assert tab.run("document.querySelector('#id_description').value") == "Mine"


def test_pg3_a_new_task_is_offered_again_after_a_wrong_password_too(tab, live_server, task):
    tab.open(f"{live_server.url}/tasks/new/")
    tab.fill("#id_title", "Call the landlord")
    tab.run("document.querySelector('#id_priority').value = 'high'")
    end_sessions()
    tab.click("main form .btn.primary")
    at_login(tab)
    tab.fill("#id_username", "mara")
    tab.fill("#id_password", "wrong")
    tab.click("button.primary")
    tab.wait_for(".note.danger")
    sign_in(tab, "mara")

    wait(lambda: tab.run("document.querySelector('#id_title')?.value") == "Call the landlord")
    assert tab.run("document.querySelector('#id_priority').value") == "high"
    tab.click("main form .btn.primary")
    wait(lambda: Task.objects.filter(title="Call the landlord", priority="high").count() == 1)


def test_pg3_who_signs_out_or_leaves_a_form_on_purpose_is_offered_nothing(tab, live_server, task):
    tab.open(f"{live_server.url}/tasks/{task.pk}/")
    tab.fill("#task textarea[name=body]", "Never mind.")
    tab.open(f"{live_server.url}/projects/")
    wait(lambda: tab.run(KEPT) is None)

    tab.open(f"{live_server.url}/tasks/{task.pk}/")
    tab.fill("#task textarea[name=body]", "Never mind.")
    tab.click("form[data-logout] button")
    at_login(tab)
    assert tab.run(KEPT) is None


def test_pg3_passwords_are_never_kept(tab, live_server):
    tab.open(f"{live_server.url}/settings/tokens/")
    tab.fill("#id_name", "nightly")
    tab.fill("#id_password", PASSWORD)
    end_sessions()
    tab.click("main form.sect .btn.primary")
    at_login(tab)

    assert "nightly" in tab.run(KEPT)
    assert PASSWORD not in tab.run(KEPT)

"""Swagger UI, ReDoc, the admin and the landing page work in a real browser under their policies."""

import pytest
from django.contrib.auth.hashers import make_password

from apps.projects.models import Project
from apps.tasks.models import Task
from apps.tasks.tests.factories import TaskFactory
from apps.users.tests.factories import PASSWORD, UserFactory
from apps.users.tests.tokens import access_token_for
from config.tests.browser.chromium import BINARY, Chromium, wait

pytestmark = [
    pytest.mark.system,
    pytest.mark.skipif(BINARY is None, reason="needs Debian's chromium"),
    pytest.mark.django_db(transaction=True),
]


@pytest.fixture(scope="module")
def chromium(tmp_path_factory):
    browser = Chromium(tmp_path_factory.mktemp("chromium"))
    yield browser
    browser.close()


@pytest.fixture
def tab(chromium):
    page = chromium.tab()
    yield page
    page.close()


def assert_quiet(tab, live_server):
    assert tab.complaints == []
    assert tab.foreign(live_server.url) == []


def test_swagger_authorizes_and_sends_a_request(tab, live_server):
    user = UserFactory(username="ada")
    tab.open(f"{live_server.url}/api/docs/")
    tab.wait_for("[data-tag=account]")

    tab.click(".btn.authorize")
    tab.fill(".auth-container input", access_token_for(user))
    tab.click(".auth-btn-wrapper .btn.authorize")
    tab.click(".auth-btn-wrapper .btn-done")
    tab.click("[data-tag=account]")
    tab.wait_for(".opblock")
    tab.click("[id$=getProfile] .opblock-summary-control")
    tab.click("[id$=getProfile] .try-out__btn")
    tab.click("[id$=getProfile] .execute")
    answer = "[id$=getProfile] .live-responses-table tbody .response-col_status"
    tab.wait_for(answer)

    status = tab.run(f"document.querySelector('{answer}').innerText")
    body = tab.run("document.querySelector('[id$=getProfile] .live-responses-table').innerText")
    print(
        f"Swagger UI: {len(tab.requests)} requests, authorized answer {status.split()[0]}, complaints {tab.complaints}"
    )
    assert status.startswith("200")
    assert "ada" in body
    assert_quiet(tab, live_server)


def test_redoc_shows_every_operation(tab, live_server):
    tab.open(f"{live_server.url}/api/schema/redoc/")
    wait(lambda: "Create a task" in (tab.run("document.body.innerText") or ""))

    print(f"ReDoc: complaints {tab.complaints}")
    assert_quiet(tab, live_server)


def test_the_landing_page_is_quiet(tab, live_server):
    tab.open(f"{live_server.url}/")

    assert tab.run("getComputedStyle(document.querySelector('main')).maxWidth") == "640px"
    assert_quiet(tab, live_server)


def test_the_page_of_a_task_shows_what_people_wrote_as_text(tab, live_server):
    task = TaskFactory(title="<img src=x onerror=alert(1)>", description="<script>alert(2)</script>")
    user = task.project.owner
    user.password = make_password(PASSWORD)
    user.save(update_fields=["password"])
    tab.open(f"{live_server.url}/tasks/{task.pk}/")
    tab.fill("#username", user.username)
    tab.fill("#password", PASSWORD)
    tab.click("button")
    wait(lambda: "onerror" in (tab.run("document.querySelector('#title').innerText") or ""))

    assert tab.run("document.querySelectorAll('main img, main dd script').length") == 0
    assert_quiet(tab, live_server)


def test_the_admin_is_quiet_on_every_kind_of_page(tab, live_server):
    UserFactory(username="root", is_staff=True, is_superuser=True, password=make_password(PASSWORD))
    task = TaskFactory()
    tab.open(f"{live_server.url}/admin/")
    tab.fill("#id_username", "root")
    tab.fill("#id_password", PASSWORD)
    tab.click("[type=submit]")
    wait(lambda: tab.run("document.querySelectorAll('.model-task').length"))

    pages = [f"tasks/task/{task.pk}/change/", "tasks/task/", "tasks/task/add/", "tasks/task/?q=x"]
    pages += [f"projects/project/{task.project_id}/change/", "users/user/", "users/user/add/", "users/session/"]
    pages += ["notifications/notification/", "password_change/"]
    for page in pages:
        tab.open(f"{live_server.url}/admin/{page}")
        assert tab.run("!!document.querySelector('#content')"), page

    print(f"admin: {len(pages)} pages, complaints {tab.complaints}")
    assert Task.objects.count() == Project.objects.count() == 1
    assert_quiet(tab, live_server)

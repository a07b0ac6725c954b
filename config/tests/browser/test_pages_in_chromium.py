"""Swagger UI, ReDoc and the admin work in a real browser under their policies."""

import pytest
from django.contrib.auth.hashers import make_password
from django.core.files.uploadedfile import SimpleUploadedFile
from rest_framework.test import APIClient

from apps.projects.models import Project
from apps.projects.tests.factories import MembershipFactory, ProjectFactory
from apps.tasks.attachments.tests.files import PDF
from apps.tasks.models import Task
from apps.tasks.tests.factories import TaskFactory
from apps.users.tests.factories import PASSWORD, UserFactory
from apps.users.tests.tokens import access_token_for
from config.tests.browser.chromium import IN_CHROMIUM, Chromium, wait

pytestmark = IN_CHROMIUM


@pytest.fixture(scope="module")
def chromium():
    browser = Chromium()
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


LISTS = [
    "tasks/task/", "tasks/attachment/", "tasks/comment/", "projects/project/", "projects/membership/",
    "projects/activity/", "users/user/", "users/session/", "users/loginfailure/", "notifications/notification/",
    "reports/report/",
]  # fmt: skip
WIDTHS = """(() => {
  const list = document.querySelector("#result_list"), room = list.closest(".results").clientWidth;
  const title = list.querySelector("tbody .field-title, tbody .field-name");
  return [list.scrollWidth, room, title ? title.getBoundingClientRect().height : 0];
})()"""


@pytest.fixture
def long_names(transactional_db):
    """Rows of every kind with the longest ordinary words; return the owner."""
    owner = UserFactory(
        username="maximilian.mustermann", email="maximilian.mustermann@subsidiary.company.example",
        password=make_password(PASSWORD),
    )  # fmt: skip
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {access_token_for(owner)}")
    project = ProjectFactory(owner=owner, name="The big website relaunch of next year", key="RELAUNCH")
    member = MembershipFactory(project=project, user__username="anastasia.konstantinopoulou").user
    body = {"project": project.pk, "title": "Fix the login page for people with umlauts", "assigned_to": member.pk}
    task = client.post("/api/tasks/", body | {"due_date": "2027-12-30T12:30:00Z"}).json()
    client.post(f"/api/tasks/{task['id']}/comments/", {"body": "A few words"})
    file = SimpleUploadedFile("annual_report_of_the_company_2027_final_v2.pdf", PDF)
    client.post(f"/api/tasks/{task['id']}/attachments/", {"file": file}, format="multipart")
    client.post(f"/api/projects/{project.pk}/reports/")
    device = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36"
    client.post("/api/auth/login/", {"username": owner.username, "password": PASSWORD}, headers={"User-Agent": device})
    client.post("/api/auth/login/", {"username": owner.username, "password": "wrong"})
    return owner


def test_first_hour_the_lists_of_the_admin_fit_into_1280_pixels(tab, live_server, long_names, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    UserFactory(username="root", is_staff=True, is_superuser=True, password=make_password(PASSWORD))
    tab.open(f"{live_server.url}/admin/")
    tab.fill("#id_username", "root")
    tab.fill("#id_password", PASSWORD)
    tab.click("[type=submit]")
    wait(lambda: tab.run("document.querySelectorAll('.model-task').length"))
    tab.resize(1280, 900)

    found = {}
    for page in LISTS:
        tab.open(f"{live_server.url}/admin/{page}")
        found[page] = tab.run(WIDTHS)

    print(f"admin lists at 1280 px (width, room, height of a title): {found}")
    assert all(sizes is not None and sizes[0] <= sizes[1] for sizes in found.values())
    assert found["tasks/task/"][2] < 60  # at most two lines
    tab.open(f"{live_server.url}/admin/tasks/task/{Task.objects.get().pk}/change/")
    assert tab.run("document.querySelector('#id_title').clientWidth") > 500
    assert_quiet(tab, live_server)

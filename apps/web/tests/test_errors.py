"""PG6, PG7: error pages keep the frame; without pages there are none."""

from __future__ import annotations

import pytest
from django.urls import reverse

from apps.common.secret_links import LENGTH
from apps.projects.services import archive_project
from apps.users.credentials.signed_links import PASSWORD_RESET
from apps.web.tests.browser import Browser
from apps.web.urls import urlpatterns

pytestmark = pytest.mark.django_db
UUID = "01890a5d-ac96-774b-bcce-b302099a8057"
FRONT_END = "https://app.example.org"


def test_pg7_a_404_keeps_the_frame_names_the_request_and_has_a_way_back(owner):
    browser = Browser(owner)

    answer = browser.open("/nothing/here/")

    assert answer.status_code == 404
    assert answer["X-Request-ID"] in browser.text
    assert {"/", "/projects/", "/trash/"} <= browser.links()
    assert len(browser.page.xpath("//h1")) == 1


def test_pg7_outside_a_session_the_page_says_the_same_without_the_frame():
    browser = Browser()

    assert browser.open("/nothing/here/").status_code == 404
    assert "/" in browser.links()
    assert not browser.page.xpath("//nav[@id='side']")


def test_pg7_a_bad_query_is_a_400_page(owner, project):
    browser = Browser(owner)

    assert browser.open(f"/projects/{project.pk}/?cursor=nonsense").status_code == 400
    assert "cursor" in browser.text
    assert browser.open(f"/projects/{project.pk}/?unknown=1").status_code == 400
    assert browser.open(f"/projects/{project.pk}/?status=never").status_code == 400
    assert browser.open(f"/projects/{project.pk}/?search=%00").status_code == 400
    assert browser.open(f"/projects/{project.pk}/?search=a&search=b").status_code == 400
    assert "search" in browser.text
    assert browser.open(f"/projects/{project.pk}/?search=&search=b&status=todo&status=done").status_code == 200
    assert browser.open(f"/projects/{project.pk}/board/?label_any=999").status_code == 400  # a label that is gone
    assert f"/projects/{project.pk}/board/" in browser.links()
    assert "Show the page without filters" in browser.text


def test_pg7_too_many_acts_are_a_429_page_with_the_time_to_wait(owner, project, settings):
    settings.THROTTLE_RATES = settings.THROTTLE_RATES | {"write": "1/60"}
    browser = Browser(owner)
    browser.open(f"/projects/{project.pk}/")
    browser.send(f"/projects/{project.pk}/", title="One")

    answer = browser.post(f"/projects/{project.pk}/", title="Two")

    assert answer.status_code == 429
    assert int(answer["Retry-After"]) > 0
    assert {"/"} <= browser.links()


def test_pg7_403_409_and_500_keep_the_frame_name_the_request_and_have_a_way_back(owner, viewer, task, monkeypatch):
    reader, mara = Browser(viewer), Browser(owner)
    reader.open(f"/tasks/{task.pk}/")
    assert reader.post(f"/tasks/{task.pk}/archive/").status_code == 403
    archive_project(actor=owner, project_id=task.project_id)
    mara.open(f"/tasks/{task.pk}/")
    assert mara.post(f"/tasks/{task.pk}/archive/").status_code == 409
    for browser in (reader, mara):
        assert browser.response["X-Request-ID"] in browser.text
        assert {"/", "/projects/", "/settings/"} <= browser.links()

    def broken(*args):
        raise RuntimeError("a bug")

    mara.client.raise_request_exception = False
    monkeypatch.setattr("apps.web.trash.views.TrashPage.get", broken)
    assert mara.open("/trash/").status_code == 500
    assert mara.response["X-Request-ID"] in mara.text
    assert {"/", "/projects/", "/settings/"} <= mara.links()
    assert "a bug" not in mara.text

    monkeypatch.setattr("apps.web.base.shell.Shell.of", broken)  # the frame itself
    assert mara.open("/trash/").status_code == 500
    assert mara.response["X-Request-ID"] in mara.text


def test_pg7_when_the_database_is_away_the_page_is_a_503(client, monkeypatch):
    from django.db import OperationalError

    def broken(*args, **kwargs):
        raise OperationalError("gone")

    client.raise_request_exception = False
    monkeypatch.setattr("apps.web.base.views.session_of", broken)

    answer = client.get("/projects/")

    assert answer.status_code == 503
    assert answer["X-Request-ID"] in answer.content.decode()


def test_pg6_without_pages_a_task_leads_to_the_front_end_and_the_rest_is_not_there(owner, task, settings):
    browser = Browser(owner)
    settings.PAGES, settings.FRONTEND_URL = False, FRONT_END

    answer = browser.open(f"/tasks/{task.pk}/")
    assert (answer.status_code, answer["Location"]) == (302, f"{FRONT_END}/tasks/{task.pk}/")
    for pattern in urlpatterns:
        if pattern.name == "task-page":
            continue
        kinds = pattern.pattern.converters
        named = {name: 1 if kind.regex == "[0-9]+" else UUID for name, kind in kinds.items()}
        secret = {name: "x" * LENGTH for name in pattern.pattern.regex.groupindex if name == "token"}
        path = reverse(pattern.name, kwargs=named | secret)
        assert browser.client.get(path).status_code == 404, path
        assert browser.post(path).status_code in {403, 404}, path


def test_pg6_without_pages_the_pages_of_mails_stay(owner, settings):
    settings.PAGES = False

    assert Browser().open(f"/password-reset/{PASSWORD_RESET.sign(owner)}/").status_code == 200
    assert Browser().open("/unsubscribe/nothing/").status_code == 404
    assert "no longer valid" in Browser().open("/unsubscribe/nothing/").content.decode()


def test_pg6_with_pages_and_a_front_end_a_task_has_its_page(owner, task, settings):
    settings.PAGES, settings.FRONTEND_URL = True, FRONT_END

    assert Browser(owner).open(f"/tasks/{task.pk}/").status_code == 200

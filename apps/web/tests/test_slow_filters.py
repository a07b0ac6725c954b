"""FI6 on pages: a filter that takes the database too long is a page that says so, and holds no worker."""

from __future__ import annotations

import pytest
from django.db import connection
from django.db.models import BooleanField, Func, Q
from django.utils import timezone

from apps.common.lists import kept
from apps.tasks.filtering.fields import FLAGS, FlagField
from apps.tasks.tests.factories import TaskFactory
from apps.web.tests.browser import Browser


class Nap(Func):
    """A condition that takes half a minute for each task."""

    conditional = True
    template = "pg_sleep(30) IS NULL"

    def __init__(self):
        super().__init__(output_field=BooleanField())


@pytest.fixture
def _slow(settings, monkeypatch):
    """Let the filter `has_files` take that long, and the limit be short."""
    settings.FILTER_TIMEOUT_MS = 50
    monkeypatch.setitem(FLAGS, "has_files", FlagField(lambda bind: Q(Nap()), ""))
    kept.forget()
    yield
    kept.forget()


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("_slow")
def test_fi6_a_page_with_a_filter_that_takes_too_long_says_so(api, owner, project):
    task = TaskFactory(project=project, due_date=timezone.now())
    view = api(owner).post("/api/views/", {"name": "Slow", "filter": "has_files"}).json()["id"]
    browser = Browser(owner)
    browser.open(f"/projects/{project.pk}/board/?filter=has_files")
    token = browser.client.cookies["csrftoken"].value
    answers = {}
    for path in ("", "board/", "calendar/"):
        answers[path] = browser.open(f"/projects/{project.pk}/{path}?filter=has_files")
    answers["search"] = browser.open("/search/?filter=has_files")
    answers["view"] = browser.open(f"/views/{view}/")
    sent = {"csrfmiddlewaretoken": token, "next": f"/projects/{project.pk}/board/?filter=has_files", "after": "0"}
    answers["move"] = browser.client.post(f"/tasks/{task.pk}/move/", sent)
    counted = browser.open("/views/")

    assert {name: answer.status_code for name, answer in answers.items()} == dict.fromkeys(answers, 422)
    assert all("The database needs too long for this filter" in answer.content.decode() for answer in answers.values())
    assert (counted.status_code, "Slow" in counted.content.decode()) == (200, True)
    with connection.cursor() as cursor:
        cursor.execute("SHOW statement_timeout")
        assert cursor.fetchone() != ("50ms",)

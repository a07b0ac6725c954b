"""Real case 21 and first hour D6: the admin writes what somebody changed, and keeps what they typed."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.contrib.admin import site
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group
from django.db import connection
from django.test import Client

from apps.common.errors import ConflictError
from apps.common.tests.admin_browser import read_form, save_form
from apps.notifications.models import Notification
from apps.projects import services
from apps.projects.models import Activity, Project
from apps.projects.tests.factories import ProjectFactory
from apps.tasks.models import Task
from apps.tasks.tests.factories import TaskFactory
from apps.users.models import User
from apps.users.tests.factories import PASSWORD, UserFactory

pytestmark = pytest.mark.django_db

TEXTS = {
    "LF": "first\nsecond\n",
    "CR LF": "first\r\nsecond\r\n",
    "CR": "first\rsecond",
    "mixed": "first\r\nsecond\nthird\r",
    "white space around": "\n\n  indented\n\n",
    "only white space": " \n ",
    "tabs and blanks": "\ta \u00a0\u3000b\t",
    "markup": '<b>&amp; "quoted" \'</textarea>',
    "nothing": "",
}


@pytest.fixture
def root():
    return UserFactory(username="root", is_staff=True, is_superuser=True)


@pytest.fixture
def browser(root):
    client = Client()
    assert client.login(username=root.username, password=PASSWORD)
    return client


def everything():
    """Return every row of every table that a form of the admin could write."""
    found = {}
    with connection.cursor() as cursor:
        for model in [*site._registry, LogEntry]:
            cursor.execute(f'SELECT * FROM "{model._meta.db_table}" ORDER BY id')
            found[model._meta.label] = cursor.fetchall()
    return found


def stored(model, pk, **columns):
    """Write columns as they are, past every service and field."""
    model.objects.filter(pk=pk).update(**columns)


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_real_case_21_saving_a_task_as_it_is_writes_nothing(browser, owner, member, task, text):
    TaskFactory(project=task.project)
    stored(
        Task, task.pk, description=text, created_by=owner, assigned_to=member, metadata={"a": [1, 1.0, "é\n"], "b": {}},
        due_date=datetime(2027, 1, 31, 8, 30, 15, 123456, UTC), duration=0,
    )  # fmt: skip
    before = everything()

    response = save_form(browser, f"/admin/tasks/task/{task.pk}/change/")

    assert response.status_code == 302
    assert everything() == before


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_real_case_21_saving_a_project_as_it_is_writes_nothing(browser, project, text):
    stored(Project, project.pk, description=text)
    before = everything()

    assert save_form(browser, f"/admin/projects/project/{project.pk}/change/").status_code == 302
    assert everything() == before


def test_real_case_21_saving_an_inbox_as_it_is_writes_nothing(browser, owner):
    inbox = ProjectFactory(owner=owner, is_inbox=True, name="Inbox", key="INBOX")
    before = everything()

    save_form(browser, f"/admin/projects/project/{inbox.pk}/change/")

    assert everything() == before


@pytest.mark.parametrize("name", ["plain", " around ", "\u202fnarrow\u00a0", "\u0645\u06cc\u200c\u062e"])
def test_real_case_21_saving_a_person_as_they_are_writes_nothing(browser, name):
    user = UserFactory(nickname=name, first_name=name, last_name=name, timezone="Europe/Berlin")
    user.groups.add(Group.objects.create(name="Helpers"))
    stored(User, user.pk, notification_preferences={"task_assigned": {"email": False}})
    before = everything()

    assert save_form(browser, f"/admin/users/user/{user.pk}/change/").status_code == 302
    assert everything() == before


def test_real_case_21_saving_a_group_as_it_is_writes_nothing(browser):
    group = Group.objects.create(name="Helpers")
    before = everything()

    assert save_form(browser, f"/admin/auth/group/{group.pk}/change/").status_code == 302
    assert everything() == before


@pytest.mark.parametrize("title", [" around ", "two\nlines", "tab\there", "x" * 200])
def test_real_case_21_a_title_that_an_input_cannot_show_stays_as_it_is(browser, task, title):
    stored(Task, task.pk, title=title)

    save_form(browser, f"/admin/tasks/task/{task.pk}/change/", priority="high")

    task.refresh_from_db()
    assert (task.title, task.priority, task.version) == (title, "high", 2)
    assert Activity.objects.latest("id").changes.keys() == {"priority"}


@pytest.mark.parametrize(
    ("before", "typed", "after"),
    [
        ("a\nb\n", "a\r\nb\r\nc\r\n", "a\nb\nc\n"),
        ("a\r\nb", "a\r\nb\r\nc", "a\r\nb\r\nc"),
        ("", "  a\r\nb \r\n", "  a\nb \n"),
        ("a\r\nb\nc", "a\r\nb\r\nd", "a\nb\nd"),
    ],
)
@pytest.mark.parametrize("kind", ["task", "project"])
def test_real_case_21_a_changed_text_keeps_its_line_ends_and_its_white_space(browser, task, kind, before, typed, after):
    row, app = (task, "tasks") if kind == "task" else (task.project, "projects")
    stored(type(row), row.pk, description=before)

    save_form(browser, f"/admin/{app}/{kind}/{row.pk}/change/", description=typed)

    row.refresh_from_db()
    assert (row.description, row.version) == (after, 2)


def test_real_case_21_a_text_as_long_as_it_may_be_is_saved_whatever_the_browser_makes_of_its_lines(browser, task):
    text = "x\n" * 25_000

    assert (
        save_form(browser, f"/admin/tasks/task/{task.pk}/change/", description=text.replace("\n", "\r\n")).status_code
        == 302
    )

    task.refresh_from_db()
    assert task.description == text


# First hour D6


def errors(response):
    assert response.status_code == 200, response.status_code
    return response.context["adminform"].form.errors


def test_first_hour_d6_adding_a_task_for_a_stranger_keeps_what_was_typed(browser, project, outsider):
    page = "/admin/tasks/task/add/"
    typed = {
        "project": project.pk, "title": "A long title", "description": "line\r\nline", "status": "review",
        "priority": "high", "assigned_to": outsider.pk, "due_date_0": "2027-01-31", "due_date_1": "08:00",
        "duration": "90", "metadata": '{"a": 1}',
    }  # fmt: skip

    response = save_form(browser, page, **typed)

    assert list(errors(response)) == ["assigned_to"]
    shown = response.context["adminform"].form
    assert {name: str(shown[name].value()) for name in ("title", "status", "duration")} == {
        "title": "A long title", "status": "review", "duration": "90",
    }  # fmt: skip
    content = response.content.decode()
    assert "A long title" in content
    assert "line\nline" in content.replace("\r\n", "\n")
    assert "2027-01-31" in content
    assert outsider.username in content
    assert not Task.objects.exists()
    assert not LogEntry.objects.exists()


def test_first_hour_d6_changing_a_task_keeps_what_was_typed_and_writes_nothing(browser, task, outsider):
    before = everything()

    response = save_form(browser, f"/admin/tasks/task/{task.pk}/change/", title="New", assigned_to=outsider.pk)

    assert list(errors(response)) == ["assigned_to"]
    assert response.context["adminform"].form["title"].value() == "New"
    assert everything() == before


def test_first_hour_d6_an_archived_project_is_said_above_the_form(browser, task):
    stored(Project, task.project_id, archived_at=datetime(2027, 1, 1, tzinfo=UTC))

    response = save_form(browser, f"/admin/tasks/task/{task.pk}/change/", title="New")

    assert list(errors(response)) == ["__all__"]
    assert response.context["adminform"].form["title"].value() == "New"


@pytest.mark.parametrize("act", ["add", "change"])
def test_first_hour_d6_a_key_that_is_taken_is_said_at_the_key(browser, owner, project, act):
    other = ProjectFactory(owner=owner, key="OTHER")
    page = "/admin/projects/project/add/" if act == "add" else f"/admin/projects/project/{other.pk}/change/"

    response = save_form(browser, page, owner=owner.pk, name="Typed", key="WEB")

    assert list(errors(response)) == ["key"]
    assert response.context["adminform"].form["name"].value() == "Typed"


def test_first_hour_d6_people_too(browser, settings):
    other = UserFactory()
    page = f"/admin/users/user/{other.pk}/change/"
    settings.THROTTLE_RATES = settings.THROTTLE_RATES | {"mail": "1/3600"}
    assert save_form(browser, page, email="first@example.org").status_code == 302
    response = save_form(browser, page, email="second@example.org", nickname="Typed")

    assert list(errors(response)) == ["__all__"]
    assert response.context["adminform"].form["nickname"].value() == "Typed"
    other.refresh_from_db()
    assert (other.pending_email, other.nickname) == ("first@example.org", "")


def test_what_cannot_be_deleted_is_said_and_not_a_500(browser, project, monkeypatch):
    def reject(**_):
        raise ConflictError("Not now.")

    monkeypatch.setattr(services, "delete_project", reject)
    page = f"/admin/projects/project/{project.pk}/delete/"

    response = browser.post(page, {"post": "yes"}, follow=True)

    assert response.status_code == 200
    assert "Not now." in response.content.decode()
    assert Project.objects.filter(pk=project.pk).exists()


def test_an_act_on_many_says_which_were_rejected(browser, project, owner):
    inbox = ProjectFactory(owner=owner, is_inbox=True, name="Inbox", key="INBOX")

    response = browser.post(
        "/admin/projects/project/", {"action": "archive", "_selected_action": [project.pk, inbox.pk]}, follow=True
    )

    said = [str(message) for message in response.context["messages"]]
    assert any("Inbox" in text for text in said)
    assert any("1 done" in text for text in said)


def test_an_administrator_reads_right_plurals_and_an_empty_object(browser):
    index, form = browser.get("/admin/"), read_form(browser, "/admin/tasks/task/add/")

    assert "Activities" in index.content.decode()
    assert "ys</a>" not in index.content.decode()
    assert form["metadata"] == ["{}"]


def test_times_say_their_zone(browser, task):
    stored(
        Task,
        task.pk,
        due_date=datetime(2027, 1, 31, 8, 30, tzinfo=UTC),
        created_at=datetime(2026, 5, 4, 3, 2, tzinfo=UTC),
    )

    listed = browser.get("/admin/tasks/task/").content.decode()
    form = browser.get(f"/admin/tasks/task/{task.pk}/change/").content.decode()

    assert "2027-01-31 08:30 UTC" in listed
    assert "2026-05-04 03:02 UTC" in form
    assert form.count('class="help"') >= 1
    assert "UTC." in form


METADATA = {
    "[]": "Give a JSON object.",
    "1": "Give a JSON object.",
    '{"a": NaN}': "NaN is not JSON",
    '{"a": 1e999}': "out of range",
    '{"a": "\\u0000"}': "NUL",
    '{"a": "\\ud800"}': "surrogate",
    '{"a": ' + "[" * 100_000 + "}": "nested deeper",
    '{"a": ' + "[" * 31 + "]" * 31 + "}": "nested deeper",
    '{"a": ' + "9" * 5_000 + "}": "too many digits",
    '{"a": [' + ",".join(["1e308"] * 60) + "]}": "larger than",
    '{"a": "' + "x" * 17_000 + '"}': "larger than",
    "{": "not valid JSON",
}  # fmt: skip


@pytest.mark.parametrize(("text", "said"), METADATA.items(), ids=[text[:20] for text in METADATA])
def test_metadata_has_one_rule_for_the_api_and_the_admin(api, owner, browser, task, text, said):
    response = save_form(browser, f"/admin/tasks/task/{task.pk}/change/", metadata=text)
    raw = b'{"metadata": ' + text.encode() + b"}"
    answered = api(owner).generic("PATCH", f"/api/tasks/{task.pk}/", raw, content_type="application/json")

    assert said in str(errors(response)["metadata"])
    assert answered.status_code == 400
    task.refresh_from_db()
    assert task.metadata == {}


def test_metadata_that_the_api_takes_the_admin_takes(api, owner, browser, task):
    text = '{"a": ' + "[" * 29 + "]" * 29 + ', "é": [1, 1.0, true, null, "\\ud83d\\ude00"]}'

    assert save_form(browser, f"/admin/tasks/task/{task.pk}/change/", metadata=text).status_code == 302
    raw = b'{"title": "x", "metadata": ' + text.encode() + b"}"
    made = api(owner).generic("POST", "/api/tasks/", raw, content_type="application/json")

    task.refresh_from_db()
    assert made.status_code == 201
    assert made.json()["metadata"] == task.metadata


def test_nobody_is_told_of_a_form_that_was_only_looked_at(browser, owner, task):
    stored(Task, task.pk, created_by=owner, description="first\nsecond\n")

    save_form(browser, f"/admin/tasks/task/{task.pk}/change/")

    assert not Notification.objects.exists()

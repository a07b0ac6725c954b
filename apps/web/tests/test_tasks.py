"""A task's page: everything that people write, conflicts, archive and trash."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from apps.projects.tests.factories import MembershipFactory, ProjectFactory
from apps.tasks.models import Task
from apps.tasks.services import update_task
from apps.tasks.tests.factories import TaskFactory
from apps.web.tests.browser import Browser, values_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def mara(owner):
    return Browser(owner)


def fields(browser, path):
    """Return what the form that posts to `path` holds."""
    form, _ = browser.form(path, name="description")
    return values_of(form)


def test_a_task_is_written_with_everything_that_is_known(mara, owner, project, member):
    owner.timezone = "Asia/Tokyo"
    owner.save(update_fields=["timezone"])
    mara.open(f"/tasks/new/?project={project.pk}&status=review")

    mara.send(
        "/tasks/new/",
        title="Move the articles",
        description="Line one\r\nLine two",
        assigned_to=str(member.pk),
        priority="high",
        due_date="2026-12-24T09:30",
        duration="90",
    )

    task = Task.objects.get()
    assert mara.response["Location"] == f"/tasks/{task.pk}/"
    assert (task.project, task.assigned_to, task.status, task.priority) == (project, member, "review", "high")
    assert (task.description, task.duration) == ("Line one\nLine two", 90)
    assert task.due_date == datetime(2026, 12, 24, 0, 30, tzinfo=UTC)


def test_without_a_project_it_goes_to_the_inbox(mara, owner):
    mara.open("/tasks/new/")

    mara.send("/tasks/new/", title="Call the dentist", project="")

    assert Task.objects.get().project.is_inbox


def test_pg3_a_rejected_task_is_422_and_keeps_what_was_written(mara, project, outsider):
    mara.open(f"/tasks/new/?project={project.pk}")

    answer = mara.send(
        "/tasks/new/", title="", description="Half a page", assigned_to=str(outsider.pk), due_date="soon", duration="-1"
    )

    assert answer.status_code == 422
    assert mara.page.xpath("string(//textarea[@name='description'])").strip() == "Half a page"
    invalid = {field.get("name") for field in mara.page.xpath("//*[@aria-invalid='true']")}
    assert invalid == {"title", "assigned_to", "due_date", "duration"}
    assert Task.objects.count() == 0


def test_pg3_a_reason_names_fields_as_the_form_does(mara, project, owner):
    days = {"due_on": "2030-01-02", "due_date": "2030-01-05T10:00"}
    mara.open("/tasks/new/")

    assert mara.send("/tasks/new/", title="A", **days).status_code == 422
    assert "“Due on” and “Or due at” name different days." in mara.text
    owner.language = "de"
    owner.save(update_fields=["language"])
    mara.send("/tasks/new/", title="A", **days)

    assert "due_on" not in mara.text.replace("id_due_on", "")
    assert "„Fällig am“" in mara.text


def test_the_page_shows_the_fields_and_the_description_as_html(mara, task):
    task.description = "**Bold** and <b>text</b>\n\n- one"
    task.save(update_fields=["description"])

    mara.open(f"/tasks/{task.pk}/")

    assert mara.page.xpath("//h1")[0].text_content() == "Fix the login page"
    assert mara.page.xpath("string(//div[@class='md']//strong)") == "Bold"
    assert not mara.page.xpath("//div[@class='md']//b")
    assert mara.page.xpath("string(//div[@class='md']//li)").strip() == "one"


def test_pg15_markdown_brings_no_script_handler_or_htmx(mara, task):
    task.description = '<script>alert(1)</script>\n\n[x](javascript:alert(1)) <a hx-get="/x" onclick="x">y</a>'
    task.save(update_fields=["description"])

    mara.open(f"/tasks/{task.pk}/")

    written = "//main//*[@class='md']//*"
    assert not mara.page.xpath(f"//main//script | //main//*[@onclick] | {written}[@*[starts-with(name(), 'hx-')]]")
    assert not mara.page.xpath("//main//a[starts-with(@href, 'javascript')]")


def test_an_edit_begins_with_what_is_stored_and_changes_what_was_changed(mara, task):
    mara.open(f"/tasks/{task.pk}/?edit=1")
    before = fields(mara, f"/tasks/{task.pk}/")

    mara.response = mara.client.post(f"/tasks/{task.pk}/", before | {"title": "Fix the login page twice"})

    task.refresh_from_db()
    assert (mara.response.status_code, task.title, task.version) == (303, "Fix the login page twice", 2)


def test_an_edit_that_changes_nothing_writes_nothing(mara, task):
    task.due_date, task.description = datetime(2026, 12, 24, 9, 30, 17, 123, tzinfo=UTC), "\n a\n\nb \n"
    task.save(update_fields=["due_date", "description"])
    mara.open(f"/tasks/{task.pk}/?edit=1")

    form, _ = mara.form(f"/tasks/{task.pk}/", name="description")
    sent = {name: value.replace("\n", "\r\n") for name, value in values_of(form).items()}
    assert mara.client.post(f"/tasks/{task.pk}/", sent).status_code == 303

    task.refresh_from_db()
    assert (task.version, task.due_date.second) == (1, 17)


def test_pg3_a_conflict_is_412_and_shows_both_texts(mara, task, owner, member):
    mara.open(f"/tasks/{task.pk}/?edit=1")
    before = fields(mara, f"/tasks/{task.pk}/")
    update_task(actor=member, task=task, changes={"title": "Theirs", "assigned_to": member.pk})

    mara.response = mara.client.post(f"/tasks/{task.pk}/", before | {"title": "Mine"})

    assert mara.response.status_code == 412
    cells = [cell.text_content() for cell in mara.page.xpath("//table//td")]
    assert {"Mine", "Theirs", "nothing", "member"} <= set(cells)
    again = fields(mara, f"/tasks/{task.pk}/")
    assert (again["title"], again["version"]) == ("Mine", "2")
    assert mara.client.post(f"/tasks/{task.pk}/", again | {"assigned_to": str(member.pk)}).status_code == 303
    task.refresh_from_db()
    assert (task.title, task.assigned_to) == ("Mine", member)


def test_pg3_a_menu_sends_its_one_field_with_the_version(mara, task, member):
    mara.open(f"/tasks/{task.pk}/")
    form, _ = mara.form(f"/tasks/{task.pk}/", name="status")
    sent = values_of(form) | {"assigned_to": str(member.pk)}
    assert set(sent) == {"csrfmiddlewaretoken", "version", "assigned_to"}

    assert mara.client.post(f"/tasks/{task.pk}/", sent).status_code == 303
    assert mara.client.post(f"/tasks/{task.pk}/", sent | {"status": "done"}).status_code == 412

    task.refresh_from_db()
    assert (task.assigned_to, task.status) == (member, "todo")


def test_a_task_moves_to_another_project_of_the_person_and_to_no_other(mara, task, owner, outsider):
    target = ProjectFactory(owner=owner, key="NEXT")
    hidden = outsider.owned_projects.get()
    mara.open(f"/tasks/{task.pk}/?edit=1")
    sent = fields(mara, f"/tasks/{task.pk}/")

    assert mara.client.post(f"/tasks/{task.pk}/", sent | {"project": str(hidden.pk)}).status_code == 422
    assert mara.client.post(f"/tasks/{task.pk}/", sent | {"project": str(target.pk)}).status_code == 303

    task.refresh_from_db()
    assert task.key == "NEXT-1"


def test_pg3_an_archived_project_answers_409_in_the_form(mara, task, owner):
    mara.open(f"/tasks/{task.pk}/?edit=1")
    sent = fields(mara, f"/tasks/{task.pk}/")
    task.project.archived_at = datetime(2026, 1, 1, tzinfo=UTC)
    task.project.save(update_fields=["archived_at"])

    mara.response = mara.client.post(f"/tasks/{task.pk}/", sent | {"title": "Too late"})

    assert mara.response.status_code == 409
    assert "archived" in mara.text
    assert fields(mara, f"/tasks/{task.pk}/")["title"] == "Too late"


@pytest.mark.parametrize(
    "sent",
    [
        {"title": ""},
        {"title": "x" * 201},
        {"status": "never"},
        {"priority": "x"},
        {"assigned_to": "abc"},
        {"assigned_to": "999999999999999999999"},
        {"project": "x"},
        {"due_date": "2026-13-45T99:99"},
        {"due_date": "0001-01-01T00:00"},
        {"duration": "99999999999"},
        {"version": "x", "title": "y"},
        {"description": "x" * 50_001},
    ],
)
def test_pg3_bad_input_is_422_and_changes_nothing(mara, task, sent):
    mara.open("/projects/")

    answer = mara.post(f"/tasks/{task.pk}/", **sent)

    assert answer.status_code == 422 or (answer.status_code == 303 and "0001" in sent.get("due_date", ""))
    if answer.status_code == 422:
        task.refresh_from_db()
        assert task.version == 1


def test_archive_and_back(mara, task):
    mara.open(f"/tasks/{task.pk}/")
    mara.send(f"/tasks/{task.pk}/archive/")
    mara.follow()
    assert "This task is archived." in mara.text

    mara.send(f"/tasks/{task.pk}/unarchive/")

    task.refresh_from_db()
    assert not task.is_archived


def test_a_deleted_task_comes_back_by_the_undo_of_the_message(mara, task):
    mara.open(f"/tasks/{task.pk}/")
    mara.send(f"/tasks/{task.pk}/delete/")
    mara.follow()
    assert "WEB-1 is in the trash" in mara.text
    [undo] = [form for form in mara.page.forms if "/restore/" in (form.get("action") or "")]

    mara.send(undo.get("action").removeprefix("http://testserver"))

    assert mara.response["Location"] == f"/projects/{task.project_id}/"
    assert f"/tasks/{task.pk}/" in (mara.follow() and mara.links())


@pytest.mark.parametrize("asked", ["https://evil.example/", "/projects/\r\nSet-Cookie: a=b"])
def test_an_act_comes_back_to_own_paths_only(mara, task, asked):
    mara.open("/projects/")

    answer = mara.post(f"/tasks/{task.pk}/", status="done", next=asked)

    assert (answer.status_code, answer["Location"]) == (303, f"/tasks/{task.pk}/")


def test_the_times_are_in_the_zone_of_the_reader_and_say_so(owner, task):
    """PG8."""
    owner.timezone = "Europe/Berlin"
    owner.save(update_fields=["timezone"])
    task.due_date = datetime(2030, 7, 1, 22, 30, tzinfo=UTC)
    task.save(update_fields=["due_date"])
    browser = Browser(owner)

    browser.open(f"/tasks/{task.pk}/")

    [shown] = browser.page.xpath("//form//time[starts-with(@datetime, '2030')]")
    assert shown.get("datetime") == "2030-07-02T00:30:00+02:00"
    assert "Europe/Berlin" in shown.get("title")
    assert shown.text_content() == "2 Jul 2030"


def test_the_assignees_offered_are_the_members(mara, task, member):
    gone = MembershipFactory(project=task.project).user
    gone.is_active = False
    gone.save(update_fields=["is_active"])
    TaskFactory()

    mara.open(f"/tasks/{task.pk}/?edit=1")

    offered = set(mara.page.xpath("//select[@name='assigned_to']/option/@value"))
    assert offered == {"", str(member.pk), str(task.project.owner_id)}


EDGES_OF_CLOCKS = {
    "the first of two equal hours": ("Europe/Berlin", datetime(2026, 10, 25, 0, 30, tzinfo=UTC)),
    "the second of two equal hours": ("Europe/Berlin", datetime(2026, 10, 25, 1, 30, tzinfo=UTC)),
    "before there were zones": ("America/New_York", datetime(1850, 1, 1, tzinfo=UTC)),
    "the year 10000": ("Pacific/Kiritimati", datetime.max.replace(microsecond=0, tzinfo=UTC)),
    "the year 0": ("America/New_York", datetime.min.replace(tzinfo=UTC)),
    "with seconds": ("Asia/Kathmandu", datetime(2026, 1, 1, 8, 15, 40, tzinfo=UTC)),
}


@pytest.mark.parametrize(("zone", "due"), EDGES_OF_CLOCKS.values(), ids=EDGES_OF_CLOCKS)
def test_pg3_a_form_leaves_the_instant_that_it_shows(owner, project, zone, due):
    owner.timezone = zone
    owner.save(update_fields=["timezone"])
    task = TaskFactory(project=project, created_by=owner, due_date=due)
    browser = Browser(owner)
    browser.open(f"/tasks/{task.pk}/?edit")
    sent = fields(browser, f"/tasks/{task.pk}/")

    answer = browser.client.post(f"/tasks/{task.pk}/", sent | {"title": "Another title"})

    task.refresh_from_db()
    assert (answer.status_code, task.title, task.due_date) == (303, "Another title", due)


@pytest.mark.parametrize(
    ("shown", "due"),
    [
        ("2026-10-25T02:30", datetime(2026, 10, 25, 0, 30, tzinfo=UTC)),  # shown twice
        ("2026-10-25T03:30", datetime(2026, 10, 25, 2, 30, tzinfo=UTC)),
        ("2026-10-25T02:30+01:00", datetime(2026, 10, 25, 1, 30, tzinfo=UTC)),
        ("2026-03-29T02:30", None),  # skipped
    ],
)
def test_pg3_a_time_of_the_picker_is_the_first_at_which_the_readers_clocks_show_it(owner, project, shown, due):
    owner.timezone = "Europe/Berlin"
    owner.save(update_fields=["timezone"])
    task = TaskFactory(project=project, created_by=owner)
    browser = Browser(owner)
    browser.open(f"/tasks/{task.pk}/?edit")
    sent = fields(browser, f"/tasks/{task.pk}/")

    answer = browser.client.post(f"/tasks/{task.pk}/", sent | {"due_date": shown})

    task.refresh_from_db()
    assert (answer.status_code, task.due_date) == (303 if due else 422, due)
    assert due or "No clock of your time zone shows this time" in answer.content.decode()

"""What calendar programs read: /ical/<secret>.ics (contract IC1 to IC3)."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
import vobject
from django.utils import timezone
from icalendar import Calendar

from apps.calendars import reading, services
from apps.calendars.models import CalendarFeed
from apps.common.monitoring.logs import without_secrets
from apps.projects.services import remove_member
from apps.tasks.filtering.reader import reader_of
from apps.tasks.labels.services import create_label, delete_label
from apps.tasks.models import SavedView, Task
from apps.tasks.saved_views.judging import kept_filter
from apps.tasks.saved_views.services import create_view
from apps.tasks.services import delete_task, update_task
from apps.tasks.tests.factories import TaskFactory

pytestmark = pytest.mark.django_db
DUE = datetime(2100, 5, 4, 16, 0, tzinfo=UTC)


@pytest.fixture
def feed(member):
    """Return a function that makes a feed of the member and returns its path."""

    def make(**fields):
        made = services.create_feed(actor=member, **{"name": "Dates", **fields})
        return f"/ical/{made.secret}.ics"

    return make


@pytest.fixture
def dated(project, member):
    """Return a function that makes a task of the member with a date."""

    def make(title="Release", **fields):
        return TaskFactory(project=project, **{"assigned_to": member, "title": title, "due_date": DUE} | fields)

    return make


def all_day(day):
    """Return the fields of a task that is due on a day, as the services write them."""
    return {"due_on": day, "due_date": datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(days=1)}


def read(client, path):
    """Return the calendar, which a second parser reads as well."""
    answer = client.get(path)
    assert answer.status_code == 200, answer.content
    assert list(vobject.readComponents(answer.content.decode()))
    return Calendar.from_ical(answer.content)


def titles(client, path):
    return [str(each["SUMMARY"]) for each in read(client, path).walk("VEVENT")]


def view_of(person, text, **fields):
    """Return a view of a person, made by the API's rules."""
    return create_view(actor=person, name="View", **kept_filter(text, reader_of(person)), **fields)


def test_ic2_a_timed_task_is_an_event_in_utc_that_ends_when_it_is_due(client, feed, dated, settings):
    settings.PUBLIC_URL = "https://tasks.example.org:8443"
    task = dated(duration=90, description="Not without details")
    short = dated("Short")

    calendar = read(client, feed())

    first, second = calendar.walk("VEVENT")
    assert (str(calendar["VERSION"]), calendar["REFRESH-INTERVAL"].dt) == ("2.0", timedelta(hours=1))
    assert str(first["UID"]) == f"task-{task.pk}@tasks.example.org"
    assert (first["DTSTART"].dt, first["DTEND"].dt) == (DUE - timedelta(minutes=90), DUE)
    assert (second["DTSTART"].dt, second["UID"]) == (DUE - timedelta(minutes=30), f"task-{short.pk}@tasks.example.org")
    assert (str(first["TRANSP"]), first["SEQUENCE"]) == ("TRANSPARENT", task.version)
    assert str(first["URL"]) == f"https://tasks.example.org:8443/tasks/{task.pk}/"
    assert first["LAST-MODIFIED"].dt == task.updated_at.replace(microsecond=0)
    assert "DESCRIPTION" not in first


def test_ic2_a_task_that_is_due_on_a_day_is_all_day_until_the_next(client, feed, dated):
    dated(**all_day(date(2100, 12, 31)))

    path = feed(components="both")

    [event] = read(client, path).walk("VEVENT")
    [todo] = read(client, path).walk("VTODO")
    assert (event["DTSTART"].dt, event["DTEND"].dt) == (date(2100, 12, 31), date(2101, 1, 1))
    assert todo["DUE"].dt == date(2100, 12, 31)
    assert b"DTSTART;VALUE=DATE:21001231\r\n" in client.get(path).content


def test_ic2_a_todo_has_due_status_priority_and_completion(client, feed, dated, member):
    dated("Open", priority="urgent", status="review")
    done = dated("Done", priority="low", status="done", completed_at=DUE - timedelta(days=1))
    view = view_of(member, "assignee = me")

    path = feed(components="todo", view_id=view.pk)

    calendar = read(client, path)
    first, second = calendar.walk("VTODO")
    assert calendar.walk("VEVENT") == []
    assert [str(each["STATUS"]) for each in (first, second)] == ["IN-PROCESS", "COMPLETED"]
    assert [each["PRIORITY"] for each in (first, second)] == [1, 9]
    assert ("COMPLETED" in first, second["COMPLETED"].dt) == (False, DUE - timedelta(days=1))
    assert (first["DUE"].dt, str(second["UID"]).partition("@")[0]) == (DUE, f"todo-{done.pk}")


HOSTILE = 'Käse; \\ , "quoted" 🧀\x85\u2028END:VEVENT'


def test_ic2_every_text_arrives_whole_and_breaks_no_line(client, feed, dated):
    dated(f"{HOSTILE} {'lång ' * 30}".strip(), description="One\r\nTwo\rEND:VCALENDAR\x0b\x07\nThree")

    path = feed(details=True, name="A\x85B; C")

    raw = client.get(path).content
    assert all(len(line) <= 75 for line in raw.split(b"\r\n"))
    calendar = Calendar.from_ical(raw)
    [event] = calendar.walk("VEVENT")
    assert str(calendar["NAME"]) == "A B; C"
    assert b"\r\nX-WR-CALNAME:A B\\; C\r\n" in raw
    clean = HOSTILE.replace("\x85", " ").replace("\u2028", " ")
    assert str(event["SUMMARY"]).startswith(clean)
    assert str(event["DESCRIPTION"]) == "One\nTwo\nEND:VCALENDAR\nThree"
    second = vobject.readOne(raw.decode())
    assert second.vevent.summary.value == str(event["SUMMARY"])
    assert second.vevent.description.value == "One\nTwo\nEND:VCALENDAR\nThree"


def test_ic2_extreme_dates_and_durations_are_no_error(client, feed, dated):
    dated("Long", duration=2**31 - 1)
    dated("Last", **all_day(date(9999, 12, 30)))

    assert titles(client, feed(components="both")) == ["Long", "Last"]


def test_ic2_the_uid_stays_and_the_sequence_rises(client, feed, dated, member):
    task, path = dated(), feed()
    before = read(client, path).walk("VEVENT")[0]

    update_task(actor=member, task=task, changes={"title": "Release 2"})

    after = read(client, path).walk("VEVENT")[0]
    assert str(after["UID"]) == str(before["UID"])
    assert after["SEQUENCE"] > before["SEQUENCE"]
    assert after["DTSTAMP"].dt >= before["DTSTAMP"].dt


def test_ic1_without_a_view_it_has_the_owners_open_tasks_with_a_date_soonest_first(
    client, feed, dated, owner, member, project
):
    dated("Later", due_date=DUE + timedelta(days=1))
    dated("Sooner")
    dated("Recent", due_date=timezone.now() - timedelta(days=89))
    dated("Long ago", due_date=timezone.now() - timedelta(days=91))
    dated("Undated", due_date=None)
    dated("Done", status="done", completed_at=timezone.now())
    dated("Archived", archived_at=timezone.now())
    dated("Another's", assigned_to=owner)
    delete_task(actor=owner, task=dated("Deleted"))

    path = feed()
    assert titles(client, path) == ["Recent", "Sooner", "Later"]
    remove_member(actor=owner, project_id=project.pk, user_id=member.pk)
    assert titles(client, path) == []


def test_ic1_at_most_so_many_tasks(client, feed, dated, monkeypatch):
    monkeypatch.setattr(reading, "TASKS_MAX", 2)
    for number in range(3):
        dated(f"{number}", due_date=DUE + timedelta(days=number), description=f"only in this test {number}")

    assert titles(client, feed(details=True)) == ["0", "1"]


def test_ic1_a_view_runs_as_its_owner_and_a_lost_or_broken_one_is_empty(client, feed, dated, owner, member, project):
    dated("Mine")
    dated("Theirs", assigned_to=owner)
    dated("Done", status="done", completed_at=timezone.now())
    label = create_label(actor=owner, project_id=project.pk, name="bug", color="#ff0000")
    text = "assignee = me and status != done and label != bug"
    shared = view_of(owner, text, project_id=project.pk, is_shared=True)
    path = feed(view_id=shared.pk)
    assert titles(client, path) == ["Mine"]

    delete_label(actor=owner, label=label)
    assert titles(client, path) == []
    SavedView.objects.filter(pk=shared.pk).delete()
    assert titles(client, path) == []
    assert CalendarFeed.objects.get().view_id == shared.pk


def test_ic3_the_answer_its_etag_and_304(client, feed, dated, member):
    task, path = dated(), feed()

    first = client.get(path, HTTP_ACCEPT="text/calendar")

    assert first["Content-Type"] == "text/calendar; charset=utf-8"
    assert first["Cache-Control"] == "private, max-age=300"
    again = client.get(path, HTTP_IF_NONE_MATCH=first["ETag"])
    assert (again.status_code, again.content, again["ETag"]) == (304, b"", first["ETag"])
    head = client.head(path)
    assert (head.status_code, head.content, head["ETag"]) == (200, b"", first["ETag"])
    Task.objects.filter(pk=task.pk).update(priority="low")
    assert client.get(path, HTTP_IF_NONE_MATCH=first["ETag"]).status_code == 200
    assert CalendarFeed.objects.get().last_used_at is not None


def test_ic3_an_unknown_address_is_404_and_the_secret_is_in_no_log(client, feed, caplog):
    path = feed()

    assert client.get(path).status_code == 200
    for unknown in (f"/ical/{'x' * 43}.ics", "/ical/short.ics", path.replace(".ics", ""), f"{path}/"):
        assert client.get(unknown).status_code == 404, unknown
    assert path[6:49] not in without_secrets(caplog.text)


def test_ic3_readings_of_one_feed_are_limited_and_do_not_count_for_another(client, feed, settings):
    settings.THROTTLE_RATES = settings.THROTTLE_RATES | {"ical": "2/3600"}
    path, other = feed(), feed()

    answers = [client.get(path).status_code for _ in range(3)]

    assert answers == [200, 200, 429]
    assert client.get(other).status_code == 200

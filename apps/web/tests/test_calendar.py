"""A project's month."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
import time_machine
from django.utils import timezone

from apps.tasks.services import create_task
from apps.tasks.tests.factories import TaskFactory
from apps.web.tests.browser import Browser, values_of

pytestmark = pytest.mark.django_db


def test_tasks_stand_on_the_day_of_the_reader(owner, project):
    owner.timezone = "Asia/Tokyo"
    owner.save(update_fields=["timezone"])
    TaskFactory(project=project, title="late evening", due_date=datetime(2026, 12, 24, 16, 0, tzinfo=UTC))
    TaskFactory(
        project=project, title="resting", due_date=datetime(2026, 12, 24, tzinfo=UTC), archived_at=timezone.now()
    )
    browser = Browser(owner)

    browser.open(f"/projects/{project.pk}/calendar/?month=2026-12")

    [cell] = browser.page.xpath("//td[.//li]")
    assert cell.xpath("string(time/@datetime)") == "2026-12-25"
    assert "late evening" in cell.text_content()
    assert "resting" not in browser.text
    assert len(browser.page.xpath("//tbody/tr")) == 5
    assert {f"/projects/{project.pk}/calendar/?month={month}" for month in ("2026-11", "2027-01")} <= browser.links()


def test_a_calendar_is_narrowed_like_a_list_and_stays_so_from_month_to_month(owner, project):
    for title, priority in (("big", "urgent"), ("small", "low")):
        TaskFactory(project=project, title=title, priority=priority, due_date=datetime(2026, 12, 24, 12, tzinfo=UTC))
    browser = Browser(owner)

    browser.open(f"/projects/{project.pk}/calendar/?priority=urgent&month=2026-12")

    assert [each.text_content() for each in browser.page.xpath("//td//li/a")] == ["big"]
    assert f"/projects/{project.pk}/calendar/?month=2027-01&priority=urgent" in browser.links()
    assert browser.page.xpath("string(//form[@id='filter']//input[@name='month']/@value)") == "2026-12"


def test_without_a_month_it_is_the_present_one(owner, project):
    with time_machine.travel("2027-02-10T12:00:00Z"):
        browser = Browser(owner)
        browser.open(f"/projects/{project.pk}/calendar/")

    assert browser.page.xpath("string(//main//h2)") == "February 2027"
    assert browser.page.xpath("string(//td[contains(@class, 'now')]/time/@datetime)") == "2027-02-10"


def test_a_full_day_says_how_many_more_there_are(owner, project):
    for _ in range(8):
        TaskFactory(project=project, due_date=datetime(2026, 12, 24, tzinfo=UTC))
    browser = Browser(owner)

    browser.open(f"/projects/{project.pk}/calendar/?month=2026-12")

    assert "and 2 more" in browser.text


@pytest.mark.parametrize("month", ["2026-13", "x", "2026-1", "0000-01", "0999-12", "99999-01", "2026-12-01", "٢٠٢٦-١٢"])
def test_what_is_no_month_is_a_400_page(owner, project, month):
    assert Browser(owner).open(f"/projects/{project.pk}/calendar/?month={month}").status_code == 400


@pytest.mark.parametrize("month", ["1000-01", "9998-12", "9999-12", "2024-02"])
def test_the_edges_of_time_work(owner, project, month):
    assert Browser(owner).open(f"/projects/{project.pk}/calendar/?month={month}").status_code == 200


@pytest.mark.parametrize(("month", "beside"), [("1000-01", "1000-02"), ("9999-12", "9999-11")])
def test_the_first_and_the_last_month_lead_to_no_month_that_is_none(owner, project, month, beside):
    browser = Browser(owner)

    browser.open(f"/projects/{project.pk}/calendar/?month={month}")

    links = browser.page.xpath("//nav[@aria-label='Months']/a[contains(@class, 'square')]/@href")
    assert [link.partition("?")[2] for link in links] == [f"month={beside}"]


@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "America/New_York", "UTC"])
def test_a_task_that_is_due_at_the_edge_of_time_breaks_nobodys_pages(owner, project, zone):
    """An instant whose year is 0 or 10000 where the reader is."""
    owner.timezone = zone
    owner.save(update_fields=["timezone"])
    first, last = (
        TaskFactory(project=project, assigned_to=owner, due_date=at)
        for at in (datetime.min.replace(tzinfo=UTC), datetime.max.replace(microsecond=0, tzinfo=UTC))
    )
    browser = Browser(owner)
    pages = ["", "board/", "calendar/?month=9999-12"]

    for page in [
        "/",
        *(f"/projects/{project.pk}/{page}" for page in pages),
        *(f"/tasks/{t.pk}/?edit" for t in (first, last)),
    ]:
        assert browser.open(page).status_code == 200, page
    browser.open(f"/projects/{project.pk}/calendar/?month=9999-12")
    assert browser.page.xpath("string(//td[time/@datetime='9999-12-31']//a/@href)").endswith(f"/tasks/{last.pk}/")


def test_pg2_a_viewer_sees_it_and_an_outsider_does_not(project, viewer, outsider):
    assert Browser(viewer).open(f"/projects/{project.pk}/calendar/").status_code == 200
    assert Browser(outsider).open(f"/projects/{project.pk}/calendar/").status_code == 404


def test_pg8_a_whole_day_is_that_day_in_every_zone(owner, project, member):
    for person, zone in ((owner, "Pacific/Kiritimati"), (member, "Pacific/Pago_Pago")):
        person.timezone = zone
        person.save(update_fields=["timezone"])
    task = create_task(
        actor=owner, project=project.pk, title="all day", due_on=date(2031, 12, 24), assigned_to=member.pk
    )
    for person in (owner, member):
        browser = Browser(person)
        browser.open(f"/projects/{project.pk}/calendar/?month=2031-12")
        assert browser.page.xpath("string(//td[.//li]/time/@datetime)") == "2031-12-24"
        browser.open(f"/tasks/{task.pk}/")
        [shown] = browser.page.xpath("//form//time[starts-with(@datetime, '2031')]")
        assert (shown.get("datetime"), shown.text_content()) == ("2031-12-24", "24 Dec 2031")


def test_a_day_is_kept_set_cleared_and_replaced_by_a_time(owner, project):
    task = create_task(actor=owner, project=project.pk, title="a", due_on=date(2031, 12, 24))
    browser = Browser(owner)
    path = f"/tasks/{task.pk}/"
    browser.open(f"{path}?edit=1")
    sent = values_of(browser.form(path, name="description")[0])
    assert (sent["due_on"], sent.get("due_date", "")) == ("2031-12-24", "")

    for fields, found, version in (
        ({}, ("2031-12-24", True), 1),
        ({"due_on": "2031-12-25"}, ("2031-12-25", True), 2),
        ({"due_on": "2031-12-25", "due_date": "2031-12-30T10:00"}, ("None", True), 3),
        ({"due_on": "", "due_date": "2031-12-30T10:00"}, ("None", True), 3),
        ({"due_on": "", "due_date": ""}, ("None", False), 4),
    ):
        task.refresh_from_db()
        answer = browser.client.post(path, sent | {"version": str(task.version)} | fields)
        assert answer.status_code == 303, fields
        task.refresh_from_db()
        assert (str(task.due_on), task.due_date is not None, task.version) == (*found, version), fields

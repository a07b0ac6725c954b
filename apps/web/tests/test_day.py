"""The start page."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
import time_machine
from django.utils import timezone

from apps.batches.models import Batch
from apps.notifications.services import notify
from apps.projects.tests.factories import MembershipFactory
from apps.tasks.days.ending import end_of_day
from apps.tasks.messages import TaskAssigned
from apps.tasks.models import Task
from apps.tasks.tests.factories import TaskFactory
from apps.web.tests.browser import Browser

pytestmark = pytest.mark.django_db
NOON = "2026-11-27T12:00:00Z"  # a Friday


def groups(browser):
    found = {}
    for group in browser.page.xpath("//details[@class='group']"):
        name = group.xpath("string(summary/h2)")
        found[name] = [link.text_content() for link in group.xpath(".//span[@class='t']/a")]
    return found


def test_signed_out_it_says_what_this_is(client, db):
    answer = client.get("/")

    assert answer.status_code == 200
    assert 'href="/login/"' in answer.content.decode()


def test_tasks_stand_by_day_of_the_reader(owner, project, member):
    owner.timezone = "Asia/Tokyo"  # 21:00 there
    owner.save(update_fields=["timezone"])
    with time_machine.travel(NOON, tick=False):
        now = timezone.now()
        for title, hours in [("late", -20), ("tonight", 2), ("tomorrow", 4), ("in a week", 24 * 7), ("far", 24 * 9)]:
            TaskFactory(project=project, title=title, assigned_to=owner, due_date=now + timedelta(hours=hours))
        TaskFactory(project=project, title="theirs", assigned_to=member, due_date=now)
        TaskFactory(project=project, title="undated", assigned_to=owner)
        TaskFactory(project=project, title="resting", assigned_to=owner, due_date=now, archived_at=now)
        TaskFactory(project=project, title="finished", assigned_to=owner, status="done", completed_at=now)
        earlier = now - timedelta(days=2)
        TaskFactory(project=project, title="long ago", assigned_to=owner, status="done", completed_at=earlier)
        browser = Browser(owner)
        browser.open("/")

    assert groups(browser) == {
        "Overdue": ["late"],
        "Today": ["tonight"],
        "Next 7 days": ["tomorrow", "in a week"],
        "Done": ["finished"],
    }
    assert browser.page.xpath("string(//h1)") == "Friday, 27 November"
    assert "1 of 3 done" in browser.text


def test_quick_add_goes_to_the_inbox(owner):
    browser = Browser(owner)
    browser.open("/")

    assert browser.send("/", text="Call the dentist").status_code == 303

    assert Task.objects.get().project.is_inbox
    browser.follow()
    assert "is created" in browser.text
    assert browser.send("/", text="").status_code == 422
    assert browser.post("/logout/").status_code == 303
    assert browser.post("/", text="Nobody's").status_code == 303
    assert Task.objects.count() == 1


def test_what_is_new_is_named_and_leads_there(owner, task, member):
    notify(
        TaskAssigned,
        recipient_ids=[owner.pk],
        actor_id=member.pk,
        dedupe="x",
        project_id=task.project_id,
        task_id=task.pk,
    )
    browser = Browser(owner)

    browser.open("/")

    assert f"/tasks/{task.pk}/" in browser.links()
    assert browser.page.xpath("string(//span[@class='num new'])") == "1 unread"


def test_pg7_an_empty_day_offers_a_way_on(owner):
    browser = Browser(owner)

    browser.open("/")

    assert "Nothing for today" in browser.text
    assert {"/search/?assigned_to=me", "/projects/"} <= browser.links()


def test_all_that_is_overdue_moves_to_today_in_one_change_with_one_undo(owner, project, member):
    owner.timezone = "Asia/Tokyo"  # the 27th, 21:00
    owner.save(update_fields=["timezone"])
    shared = MembershipFactory(user=owner, role="viewer").project
    with time_machine.travel(NOON, tick=False):
        now = timezone.now()
        early, late = now - timedelta(days=3), now - timedelta(hours=1)
        mine = [TaskFactory(project=project, assigned_to=owner, due_date=due) for due in (early, late)]
        day = date(2026, 11, 20)
        whole = TaskFactory(project=project, assigned_to=owner, due_on=day, due_date=end_of_day(day, owner.timezone))
        others = [
            TaskFactory(project=project, assigned_to=member, due_date=early),
            TaskFactory(project=shared, assigned_to=owner, due_date=early),  # to be read alone
            TaskFactory(project=project, assigned_to=owner, due_date=now + timedelta(days=1)),
        ]
        before = {task.pk: (task.due_on, task.due_date) for task in Task.objects.all()}
        browser = Browser(owner)
        browser.open("/")
        _, button = browser.form("/", name="overdue")
        browser.post("/", overdue=button.get("value"))
        browser.follow()
        moved = {task.pk: task.due_on for task in Task.objects.all()}
        said, batches = browser.text, Batch.objects.count()
        browser.send(f"/batches/{Batch.objects.get().pk}/undo/")

    assert [moved[task.pk] for task in [*mine, whole]] == [date(2026, 11, 27)] * 3
    assert [moved[task.pk] for task in others] == [before[task.pk][0] for task in others]
    assert ("3 tasks changed" in said, batches) == (True, 1)
    assert {task.pk: (task.due_on, task.due_date) for task in Task.objects.all()} == before


def test_without_a_task_to_move_the_day_offers_no_such_button(owner, project):
    TaskFactory(project=project, assigned_to=owner, due_date=timezone.now() + timedelta(hours=1))
    browser = Browser(owner)
    browser.open("/")

    assert not browser.page.xpath("//button[@name='overdue']")

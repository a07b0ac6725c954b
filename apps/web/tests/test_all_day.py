"""All-day tasks on pages: as days, without a time (contract PG8)."""

from datetime import date, timedelta

import pytest
from django.template import Context, Template
from django.test import RequestFactory
from django.utils import timezone

from apps.tasks.days.ending import end_of_day
from apps.tasks.tests.factories import TaskFactory

pytestmark = pytest.mark.django_db


def shown(task, user):
    request = RequestFactory().get("/")
    request.user = user
    return Template("{% load pages %}{% due task %}").render(Context({"task": task, "request": request}))


def all_day(project, day, zone="UTC"):
    return TaskFactory(project=project, due_on=day, due_date=end_of_day(day, zone))


@pytest.mark.parametrize(
    ("days", "words", "kind"), [(0, "Today", "today"), (1, "Tomorrow", ""), (-1, "1 day late", "late")]
)
def test_an_all_day_task_is_shown_as_a_day(project, owner, days, words, kind):
    day = timezone.localdate() + timedelta(days=days)

    html = shown(all_day(project, day), owner)

    assert f'<time datetime="{day}"' in html
    assert f'data-v="{kind}"' in html
    assert f">{words}<" in html


def test_its_title_says_the_whole_day_without_a_zone(project, owner):
    html = shown(all_day(project, date(2099, 11, 20), "Pacific/Auckland"), owner)

    assert 'title="Friday 20 November 2099"' in html
    assert ">20 Nov 2099<" in html


def test_one_that_is_over_for_its_assignee_alone_is_late_by_hours(project, owner):
    tomorrow = timezone.localdate() + timedelta(days=1)
    task = all_day(project, tomorrow)
    task.due_date = timezone.now() - timedelta(hours=3)

    assert ">3 h late<" in shown(task, owner)

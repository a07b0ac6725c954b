"""Pages of saved views: VI1 to VI7 through forms, and what a filter bar keeps."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.http import QueryDict

from apps.projects.tests.factories import ProjectFactory
from apps.tasks.filtering.errors import FilterError
from apps.tasks.labels.services import create_label
from apps.tasks.models import SavedView
from apps.tasks.services import update_task
from apps.tasks.tests.factories import TaskFactory
from apps.web.saved_views.wording import as_filter
from apps.web.tests.browser import Browser
from apps.web.tests.test_board import columns
from apps.web.tests.test_lists import titles

pytestmark = pytest.mark.django_db


@pytest.fixture
def mara(owner):
    return Browser(owner)


def keep(browser, **fields):
    browser.open("/views/new/")
    answer = browser.send("/views/new/", **fields)
    assert answer.status_code == 303, browser.text
    return SavedView.objects.latest("pk")


def test_pg3_a_list_is_kept_as_a_view_that_finds_the_same_tasks(mara, project, owner, member):
    TaskFactory(project=project, title="mine", assigned_to=owner, priority="urgent")
    TaskFactory(project=project, title="theirs", assigned_to=member, priority="urgent")
    TaskFactory(project=project, title="late", status="review", assigned_to=owner)
    query = f"status=todo&priority=urgent&priority=high&assigned_to={owner.pk}&ordering=title"
    mara.open(f"/projects/{project.pk}/?{query}")
    found = titles(mara)
    [link] = [each for each in mara.links() if each.startswith("/views/new/?")]

    mara.open(link)
    answer = mara.send("/views/new/", name="Mine")

    view = SavedView.objects.get()
    assert view.filter == "status in (todo) and priority in (urgent, high) and assignee = owner"
    assert (view.project_id, view.ordering, view.is_shared) == (project.pk, "title", False)
    assert answer["Location"] == f"/views/{view.pk}/"
    mara.follow()
    assert titles(mara) == found == ["mine"]


def test_vi5_a_wrong_filter_is_said_at_its_field_and_not_saved(mara):
    mara.open("/views/new/")

    answer = mara.send("/views/new/", name="High", filter="proirty = high")

    assert answer.status_code == 422
    assert "There is no field `proirty`" in mara.text
    assert not SavedView.objects.exists()


def test_vi2_vi3_a_shared_view_is_seen_by_members_and_changed_by_its_owner_or_an_admin(
    mara, project, admin, member, viewer, outsider
):
    view = keep(mara, name="Open bugs", filter="status != done", project=project.pk, is_shared="on")

    found = []
    for person in (admin, member, viewer, outsider):
        browser = Browser(person)
        seen = browser.open(f"/views/{view.pk}/").status_code
        form = browser.open(f"/views/{view.pk}/edit/").status_code
        browser.open("/views/")
        fields = {"name": person.username, "filter": "", "project": project.pk, "is_shared": "on"}
        found.append((seen, form, browser.post(f"/views/{view.pk}/edit/", **fields).status_code))

    assert found == [(200, 200, 303), (200, 403, 403), (200, 403, 403), (404, 404, 404)]


def test_vi6_a_broken_view_says_where_and_a_right_filter_repairs_it(mara, project, owner):
    label = create_label(actor=owner, project_id=project.pk, name="bug")
    view = keep(mara, name="Bugs", filter="overdue or label = bug", project=project.pk)
    mara.open("/views/")
    mara.send(f"/views/{view.pk}/favourite/")
    label.delete()

    assert mara.open(f"/views/{view.pk}/").status_code == 409
    assert mara.page.xpath("string(//mark)") == "bug"
    assert "overdue or label = bug" in mara.text
    mara.open("/views/")
    assert "names something that is gone" in mara.text
    assert "does not work" in mara.text  # in the frame
    mara.open(f"/views/{view.pk}/edit/")
    assert mara.page.xpath("string(//mark)") == "bug"
    assert mara.send(f"/views/{view.pk}/edit/", filter="overdue").status_code == 303
    assert mara.follow().status_code == 200


def test_vi7_the_frame_has_the_favourites_with_their_counts(mara, project):
    for status in ("todo", "todo", "done"):
        TaskFactory(project=project, status=status)
    view = keep(mara, name="To do", filter="status = todo")
    mara.open("/views/")
    frame = "//nav[@id='side']//a[@href=$path]"
    path = mara.response.wsgi_request.build_absolute_uri(f"/views/{view.pk}/")
    assert not mara.page.xpath(frame, path=path)

    mara.send(f"/views/{view.pk}/favourite/")
    mara.follow()

    [entry] = mara.page.xpath(frame, path=path)
    assert entry.text_content().split() == ["To", "do2", "tasks"]
    mara.send(f"/views/{view.pk}/favourite/")
    mara.follow()
    assert not mara.page.xpath(frame, path=path)


def test_vi1_groups_and_order_of_a_view_hold_on_its_page(mara, project, owner):
    for title, priority in (("b", "low"), ("a", "high"), ("c", "low")):
        TaskFactory(project=project, title=title, priority=priority)
    view = keep(mara, name="Grouped", ordering="title", group_by="priority")

    mara.open(f"/views/{view.pk}/")

    assert [each.text_content() for each in mara.page.xpath("//summary/h2")] == ["High", "Low"]
    assert titles(mara) == ["a", "b", "c"]


def test_vi1_a_view_as_a_board_has_columns_and_its_cards_change_them(mara, project, owner):
    for title, status in (("b", "todo"), ("a", "todo"), ("x", "review")):
        task = TaskFactory(project=project, title=title, status=status)
    TaskFactory(project=project, title="done", status="done")
    view = keep(mara, name="Open", filter="status != done", ordering="title", layout="board")
    mara.open(f"/views/{view.pk}/")
    assert columns(mara) == {"todo": "ab", "in_progress": "", "review": "x", "done": ""}

    mara.send(f"/views/{view.pk}/tasks/{task.pk}/", status="in_progress")
    mara.follow()

    assert columns(mara) == {"todo": "ab", "in_progress": "x", "review": "", "done": ""}
    assert mara.page.xpath("normalize-space(//*[@role='status']//span)") == f"{task.key} x is in In progress"
    label = create_label(actor=owner, project_id=project.pk, name="bug")
    other = create_label(actor=owner, project_id=project.pk, name="ui")
    update_task(actor=owner, task=task, changes={"labels": [label.pk, other.pk]})
    SavedView.objects.update(group_by="label")
    mara.open(f"/views/{view.pk}/")
    assert [each.text_content() for each in mara.page.xpath("//section/header/h2")] == ["No label", "bug", "ui"]
    ids = mara.page.xpath("//@id")
    assert len(ids) == len(set(ids))


def test_vi1_a_view_as_a_calendar_shows_what_it_finds_on_its_days(mara, project):
    for title, priority in (("big", "urgent"), ("small", "low")):
        TaskFactory(project=project, title=title, priority=priority, due_date=datetime(2026, 12, 24, 12, tzinfo=UTC))
    view = keep(mara, name="Big ones", filter="priority = urgent", layout="calendar")

    mara.open(f"/views/{view.pk}/?month=2026-12")

    assert [each.text_content() for each in mara.page.xpath("//td//li/a")] == ["big"]
    assert f"/views/{view.pk}/?month=2027-01" in mara.links()
    assert mara.open(f"/views/{view.pk}/?month=13").status_code == 400


def test_pg3_a_view_changed_meanwhile_is_not_overwritten(mara, project):
    view = keep(mara, name="First")
    mara.open(f"/views/{view.pk}/edit/")
    SavedView.objects.filter(pk=view.pk).update(version=2, name="Theirs")

    assert mara.send(f"/views/{view.pk}/edit/", name="Mine").status_code == 412
    assert SavedView.objects.get().name == "Theirs"


def test_pg2_a_personal_view_is_a_404_for_others_and_goes_away_when_deleted(mara, member, project):
    view = keep(mara, name="Mine alone")

    assert Browser(member).open(f"/views/{view.pk}/").status_code == 404
    mara.open(f"/views/{view.pk}/")
    assert mara.send(f"/views/{view.pk}/delete/").status_code == 303
    assert not SavedView.objects.exists()


@pytest.mark.parametrize(
    ("query", "said", "left_out"),
    [
        ("", "", []),
        ("status=todo&status=done", "status in (todo, done)", []),
        ("overdue=true&archived=false", "overdue", []),
        ("overdue=false", "not overdue", []),
        ("assigned_to=none&created_by=me", "assignee is empty and creator = me", []),
        ("label_any=4&label_none=name:in progress", "label in (4) and label none ('in progress')", []),
        ('search=say "no" \\ twice', "text ~ 'say \"no\" \\\\ twice'", []),
        ("filter=overdue or root&status=todo", "(overdue or root) and status in (todo)", []),
        ("related_to=5&assigned_to=77", "", ["related_to", "assigned_to"]),
        ("has_attachments=true&has_labels=false&parent=none", "has_files and label is empty and parent is empty", []),
    ],
)
def test_what_a_list_is_narrowed_by_in_the_filter_language(query, said, left_out):
    found = as_filter(QueryDict(query), {})

    assert found == (said, left_out)


def test_a_wrong_filter_of_a_list_is_not_kept_in_silence(mara):
    with pytest.raises(FilterError):
        as_filter(QueryDict("filter=proirty = high"), {})

    assert mara.open("/views/new/?filter=proirty = high").status_code == 200
    assert "There is no field `proirty`" in mara.text


def test_a_view_of_a_project_finds_tasks_of_it_alone(mara, owner, project):
    TaskFactory(project=project, title="here")
    TaskFactory(project=ProjectFactory(owner=owner), title="there")
    view = keep(mara, name="All of it", project=project.pk, ordering="rank")

    mara.open(f"/views/{view.pk}/")

    assert titles(mara) == ["here"]

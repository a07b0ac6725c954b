"""Many tasks of a list, changed together."""

from __future__ import annotations

import pytest

from apps.batches.models import Batch
from apps.projects.models import TrashEntry
from apps.projects.tests.factories import ProjectFactory
from apps.tasks.bulk.background import run_due
from apps.tasks.models import Task
from apps.tasks.tests.factories import TaskFactory
from apps.web.tests.browser import Browser, values_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def mara(owner, project):
    browser = Browser(owner)
    browser.open(f"/projects/{project.pk}/")
    return browser


@pytest.fixture
def tasks(project):
    return [TaskFactory(project=project) for _ in range(3)]


def confirm(browser, project):
    """Press the button of the preview."""
    path = f"/projects/{project.pk}/bulk/"
    form, _ = browser.form(path, name="confirm")
    pairs = [(field.get("name"), field.get("value")) for field in form.iter("input")]
    sent = {name: [value for key, value in pairs if key == name] for name, _ in pairs}
    browser.response = browser.client.post(path, sent)


def stored(tasks, *fields):
    return [tuple(row) for row in Task.objects.filter(pk__in=[t.pk for t in tasks]).order_by("pk").values_list(*fields)]


@pytest.mark.parametrize(
    ("fields", "column", "value"),
    [
        ({"action": "complete"}, "status", "done"),
        ({"status": "review"}, "status", "review"),
        ({"priority": "urgent"}, "priority", "urgent"),
    ],
)
def test_the_selection_is_tried_changed_and_undone(mara, project, tasks, fields, column, value):
    before = stored(tasks, column)
    ids = [tasks[0].pk, tasks[1].pk]

    assert mara.post(f"/projects/{project.pk}/bulk/", ids=ids, **fields).status_code == 200
    assert "2 of 2 would change" in mara.text
    assert (stored(tasks, column), Batch.objects.count()) == (before, 0)
    confirm(mara, project)
    assert mara.response.status_code == 303
    assert stored(tasks, column) == [(value,), (value,), before[2]]
    mara.follow()
    [undo] = [form.get("action") for form in mara.page.forms if "/undo/" in (form.get("action") or "")]
    mara.send(undo.removeprefix("http://testserver"))

    assert stored(tasks, column) == before


def test_bu9_more_tasks_than_a_request_takes_are_put_back_by_a_worker(mara, project, tasks, settings):
    mara.post(f"/projects/{project.pk}/bulk/", ids=[task.pk for task in tasks], priority="urgent")
    confirm(mara, project)
    settings.BULK_INLINE = 2

    mara.post(f"/batches/{Batch.objects.get().pk}/undo/")
    assert "The change of 3 tasks is being undone" in mara.follow().content.decode()
    assert stored(tasks, "priority") == [("urgent",)] * 3
    run_due()

    assert stored(tasks, "priority") == [("medium",)] * 3


def test_they_are_given_to_somebody_and_to_nobody(mara, project, tasks, member):
    ids = [task.pk for task in tasks]
    for sent, found in [(str(member.pk), member.pk), ("", None)]:
        mara.post(f"/projects/{project.pk}/bulk/", ids=ids, assigned_to=sent)
        confirm(mara, project)
        assert stored(tasks, "assigned_to") == [(found,)] * 3


def test_they_move_archive_and_go_into_the_trash(mara, project, tasks, owner):
    target = ProjectFactory(owner=owner)
    ids = [task.pk for task in tasks]
    mara.post(f"/projects/{project.pk}/bulk/", ids=ids, project=target.pk)
    assert all(task.key in mara.text for task in tasks)
    for fields in ({"action": "archive"}, {"action": "unarchive"}, {"project": target.pk}, {"action": "delete"}):
        mara.post(f"/projects/{project.pk}/bulk/", ids=ids, **fields)
        confirm(mara, project)
        assert mara.response.status_code == 303, fields

    assert stored(tasks, "project") == [(target.pk,)] * 3
    assert TrashEntry.objects.count() == 3


def test_pg3_the_look_ahead_names_where_tasks_go_and_no_fields_of_those_that_go_whole(mara, project, tasks, owner):
    target = ProjectFactory(owner=owner, name="Garden")
    path = f"/projects/{project.pk}/bulk/"

    mara.post(path, ids=[tasks[0].pk], project=target.pk)
    assert "To the project Garden" in mara.text
    mara.post(path, ids=[tasks[0].pk], action="delete")

    assert tasks[0].title in mara.text
    assert "→" not in mara.text
    assert mara.post(path, ids=[tasks[0].pk], status="done").status_code == 200
    assert "→" in mara.text


def test_what_may_not_be_changed_stays_and_is_said(project, tasks, member):
    own = TaskFactory(project=project, created_by=member)
    browser = Browser(member)
    browser.open(f"/projects/{project.pk}/")

    browser.post(f"/projects/{project.pk}/bulk/", ids=[tasks[0].pk, own.pk], action="delete")
    assert "1 of 2 would change" in browser.text
    assert "Only its creator or an admin" in browser.text
    confirm(browser, project)

    assert "1 task changed, 1 stays as it is" in browser.follow().content.decode()
    assert list(TrashEntry.objects.values_list("root_id", flat=True)) == [own.pk]


@pytest.mark.parametrize(
    "fields",
    [
        {"action": "complete"},
        {"ids": ["x"], "action": "complete"},
        {"ids": ["1", "1"], "action": "complete"},
        {"ids": ["1"], "action": "never"},
        {"ids": ["1"], "status": "never"},
        {"ids": ["1"], "assigned_to": "x"},
        {"ids": ["1"], "project": "x"},
        {"ids": [str(n) for n in range(1, 202)], "action": "complete"},
    ],
)
def test_pg3_a_bad_selection_is_422_on_the_list(mara, project, tasks, fields):
    answer = mara.post(f"/projects/{project.pk}/bulk/", **fields)

    assert answer.status_code == 422
    assert mara.page.xpath("//*[@role='alert']")
    assert Batch.objects.count() == 0


def test_a_task_of_others_is_told_from_none(mara, project, outsider):
    hidden = TaskFactory(project=outsider.owned_projects.get(), title="Secret")

    for pk in (hidden.pk, 10**12):
        mara.post(f"/projects/{project.pk}/bulk/", ids=[pk], action="delete")
        assert "0 of 1 would change" in mara.text
        assert "Secret" not in mara.text


def test_pg2_it_takes_a_member(project, tasks, viewer, outsider):
    for person, status in ((viewer, 403), (outsider, 404)):
        browser = Browser(person)
        browser.open("/projects/")
        assert browser.post(f"/projects/{project.pk}/bulk/", ids=[1], action="delete").status_code == status


def test_every_row_can_be_selected_by_who_may_change_it(mara, project, tasks, viewer):
    mara.open(f"/projects/{project.pk}/")
    assert len(mara.page.xpath("//input[@name='ids']")) == 3
    assert values_of(mara.form(f"/projects/{project.pk}/bulk/")[0])["next"] == f"/projects/{project.pk}/"
    theirs = Browser(viewer)
    theirs.open(f"/projects/{project.pk}/")
    assert not theirs.page.xpath("//input[@name='ids']")

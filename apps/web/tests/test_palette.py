"""PG11 without JavaScript: what the keys and the palette open are pages of their own."""

from __future__ import annotations

import pytest

from apps.tasks.labels.services import create_label
from apps.tasks.models import Task
from apps.web.tests.browser import Browser

pytestmark = pytest.mark.django_db
FIELDS = ("status", "priority", "assigned_to", "labels", "due", "project")


@pytest.fixture
def mara(owner):
    return Browser(owner)


def test_pg11_each_field_of_a_task_has_a_page_that_sets_it_and_leads_back(mara, task, owner):
    label = create_label(actor=owner, project_id=task.project_id, name="bug")
    values = {"status": "review", "priority": "urgent", "assigned_to": owner.pk, "labels": label.pk}

    for field, value in {**values, "due_on": "2030-01-02"}.items():
        page = "due" if field == "due_on" else field
        mara.open(f"/tasks/{task.pk}/choose/?field={page}&next=/projects/")
        answer = mara.send(f"/tasks/{task.pk}/", **{field: value})
        assert (answer.status_code, answer["Location"]) == (303, "/projects/"), mara.text

    task.refresh_from_db()
    assert (task.status, task.priority, task.assigned_to_id) == ("review", "urgent", owner.pk)
    assert str(task.due_on) == "2030-01-02"
    assert list(task.task_labels.values_list("label_id", flat=True)) == [label.pk]


def test_pg2_choosing_is_for_members_and_leads_to_no_other_site(mara, task, viewer, outsider):
    for field in FIELDS:
        assert Browser(viewer).open(f"/tasks/{task.pk}/choose/?field={field}").status_code == 403
        assert Browser(outsider).open(f"/tasks/{task.pk}/choose/?field={field}").status_code == 404
    assert mara.open(f"/tasks/{task.pk}/choose/?field=version").status_code == 404
    mara.open(f"/tasks/{task.pk}/choose/?next=https://elsewhere.example/")
    assert mara.page.xpath("string(//input[@name='next']/@value)") == f"/tasks/{task.pk}/"


def test_pg11_the_palette_finds_acts_tasks_and_places_that_the_person_sees(mara, task, viewer, outsider):
    Task.objects.filter(pk=task.pk).update(title="Renew the certificate")

    mara.open(f"/palette/?task={task.pk}&q=renew")
    assert f"/tasks/{task.pk}/" in mara.links()
    mara.open(f"/palette/?task={task.pk}&q=status")
    assert f"/tasks/{task.pk}/choose/?field=status" in mara.links()
    mara.open(f"/palette/?q={task.project.key}")
    assert f"/projects/{task.project_id}/" in mara.links()
    reader = Browser(viewer)
    reader.open(f"/palette/?task={task.pk}")
    assert f"/tasks/{task.pk}/choose/?field=status" not in reader.links()
    stranger = Browser(outsider)
    stranger.open("/palette/?q=renew")
    assert f"/tasks/{task.pk}/" not in stranger.links()
    assert stranger.open(f"/palette/?task={task.pk}").status_code == 404


def test_pg3_the_undo_of_a_deletion_leads_back_to_where_the_task_was_deleted(mara, task):
    mara.open(f"/projects/{task.project_id}/")
    mara.post(f"/tasks/{task.pk}/delete/", next=f"/projects/{task.project_id}/")
    mara.follow()
    [form] = mara.page.xpath("//*[@role='status']//form")

    answer = mara.send(form.get("action").partition("testserver")[2])

    assert (answer.status_code, answer["Location"]) == (303, f"/projects/{task.project_id}/")
    assert Task.objects.get(pk=task.pk).trash_id is None


@pytest.mark.parametrize("query", ["q=%00", "q=" + "x" * 5000, "task=99999999999999999999", "q=%F0%9F%98%80", "task=x"])
def test_pg11_the_palette_takes_whatever_is_typed(mara, query):
    assert mara.open(f"/palette/?{query}").status_code in (200, 400)

"""The page of a batch: what became of each task, after an undo above all."""

from __future__ import annotations

import uuid

import pytest

from apps.batches.models import Batch
from apps.projects.services import remove_member
from apps.tasks.bulk.background import run_due
from apps.tasks.services import archive_task, update_task
from apps.tasks.tests.factories import TaskFactory
from apps.web.tests.browser import Browser

pytestmark = pytest.mark.django_db


@pytest.fixture
def mara(owner):
    return Browser(owner)


@pytest.fixture
def changed(mara, project):
    """Return two tasks that one change has finished, and the path of its undo."""
    tasks = [TaskFactory(project=project, title=title) for title in ("Paint <the> fence", "Mow the lawn")]
    mara.open(f"/projects/{project.pk}/")
    mara.post(f"/projects/{project.pk}/bulk/", ids=[task.pk for task in tasks], action="complete", confirm="1")
    return tasks, f"/batches/{Batch.objects.get().pk}/undo/"


def acts_of(browser):
    """Return the addresses of the page's forms."""
    return {(form.get("action") or "").removeprefix("http://testserver") for form in browser.page.forms}


def test_bu9_an_undo_says_what_it_left_and_why(mara, owner, changed):
    (first, second), path = changed
    first.refresh_from_db()
    update_task(actor=owner, task=first, changes={"status": "review"})

    mara.post(path, next="/projects/")
    toast = mara.follow().content.decode()

    assert "Undone, but 1 stays as it is now" in toast
    undo = Batch.objects.get(action="undo")
    assert f'<a href="/batches/{undo.pk}/">Details</a>' in toast
    mara.open(f"/batches/{undo.pk}/")
    left, back = mara.page.xpath("//ul[@class='lines']/li")
    if first.key not in left.text_content():
        left, back = back, left
    assert first.key in left.text_content()
    assert "What was changed since stays as it is" in left.text_content()
    assert second.key in back.text_content()
    assert "stays" not in back.text_content()
    assert f"/tasks/{first.pk}/" in mara.links()
    assert "Paint &lt;the&gt; fence" in mara.response.content.decode()
    mara.open(f"/batches/{undo.pk}/?result=conflict")
    assert len(mara.page.xpath("//ul[@class='lines']/li")) == 1


def test_the_page_of_what_was_undone_leads_to_the_undo_and_offers_none(mara, changed):
    _, path = changed
    page = path.removesuffix("undo/")
    mara.follow()  # the message of the change has the same button, once
    mara.open(page)
    assert path in acts_of(mara)

    mara.post(path, next=page)

    mara.open(page)
    assert path not in acts_of(mara)
    assert f"/batches/{Batch.objects.get(action='undo').pk}/" in mara.links()


def test_bu6_a_batch_in_the_background_is_followed(mara, project, settings, changed):
    settings.BULK_INLINE = 1
    _, path = changed

    mara.post(path, next="/projects/")
    toast = mara.follow().content.decode()
    undo = Batch.objects.get(action="undo")

    assert "The change of 2 tasks is being undone" in toast
    assert f"/batches/{undo.pk}/" in toast
    assert "0 of 2 tasks" in mara.open(f"/batches/{undo.pk}/").content.decode()
    assert mara.page.xpath("//progress")
    run_due()
    assert not (mara.open(f"/batches/{undo.pk}/"), mara.page.xpath("//progress"))[1]
    assert len(mara.page.xpath("//ul[@class='lines']/li")) == 2


def test_bu11_it_is_shown_to_who_did_it_alone(task, owner, member, outsider):
    batch_id = archive_task(actor=owner, task=task).batch_id

    answers = [
        Browser(person).open(f"/batches/{each}/").status_code
        for person in (owner, member, outsider)
        for each in (batch_id, uuid.uuid4())
    ]

    assert answers == [200, 404, 403, 404, 404, 404]


def test_pg2_a_task_that_one_sees_no_more_has_no_title_there(project, owner, member):
    first = TaskFactory(project=project, title="Paint the fence")
    browser = Browser(member)
    browser.open(f"/projects/{project.pk}/")
    browser.post(f"/projects/{project.pk}/bulk/", ids=[first.pk], action="archive", confirm="1")
    page = f"/batches/{Batch.objects.get().pk}/"
    assert "fence" in browser.open(page).content.decode()
    remove_member(actor=owner, project_id=project.pk, user_id=member.pk)

    text = browser.open(page).content.decode()

    assert "fence" not in text
    assert f"/tasks/{first.pk}/" not in text


def test_a_single_act_leads_to_the_histories(mara, task, owner):
    batch_id = archive_task(actor=owner, task=task).batch_id

    assert "The history of its tasks" in mara.open(f"/batches/{batch_id}/").content.decode()


def test_it_speaks_german(mara, owner, changed):
    _, path = changed
    owner.language = "de"
    owner.save()

    assert "Rückgängig" in mara.open(path.removesuffix("undo/")).content.decode()

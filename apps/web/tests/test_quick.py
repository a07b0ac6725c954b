"""The add bar of the pages, with and without its script (contract QA)."""

from __future__ import annotations

import pytest

from apps.tasks.models import Label, Task
from apps.web.tests.browser import Browser

pytestmark = pytest.mark.django_db
LINE = "Proofread <b> tomorrow #new @member !high ^NONE"


def test_qa1_the_bar_reads_the_grammar_without_a_script(member, project):
    mara = Browser(member)
    mara.open(f"/projects/{project.pk}/")

    assert mara.send(f"/projects/{project.pk}/", text=LINE).status_code == 303

    task = Task.objects.get()
    assert (task.title, task.priority, task.assigned_to) == ("Proofread <b> ^NONE", "high", member)
    assert task.due_on is not None
    assert [each.label.name for each in task.task_labels.all()] == ["new"]
    mara.follow()
    assert "WEB-1 is created" in mara.text
    assert "^NONE" in mara.text


def test_qa_the_chips_show_what_is_understood_write_nothing_and_can_be_taken_back(member, project):
    mara = Browser(member)
    mara.open(f"/projects/{project.pk}/")
    position = LINE.index("#new")

    mara.post("/tasks/quick/", text=LINE, project=project.pk, ignore=position)

    assert mara.response.status_code == 200
    assert [box.get("value") for box in mara.page.xpath("//input[@name='ignore'][@checked]")] == [str(position)]
    assert len(mara.page.xpath("//input[@name='ignore']")) == 4
    assert "Priority high" in mara.text
    assert not Task.objects.exists()
    assert not Label.objects.exists()
    mara.post("/", text=LINE, ignore=position)
    assert "#new" in Task.objects.get().title


def test_qa_a_line_that_cannot_be_sent_has_no_chips_and_nobody_else_gets_any(outsider, project):
    stranger = Browser(outsider)
    stranger.open("/")

    for fields in ({"text": ""}, {"text": "x !high", "project": project.pk}, {"text": "x", "ignore": "a"}):
        stranger.post("/tasks/quick/", **fields)
        assert (stranger.response.status_code, stranger.response.content.strip()) == (200, b"")
    stranger.post("/logout/")
    assert stranger.post("/tasks/quick/", text="x !high").status_code == 302

"""`manage.py check_counters` (O2) and the check of `doctor` (O4)."""

from __future__ import annotations

from io import StringIO

import pytest
from django.core.management import call_command

from apps.common.monitoring.doctor import Level
from apps.projects.models import Project
from apps.projects.tests.factories import MembershipFactory, ProjectFactory
from apps.tasks import services
from apps.tasks.attachments.tests.attachment_helpers import attach
from apps.tasks.comments.services import create_comment, delete_comment
from apps.tasks.counters.monitoring import SAMPLE, counters
from apps.tasks.models import Task
from apps.tasks.tests.factories import TaskFactory

pytestmark = pytest.mark.django_db
COUNTERS = {
    Project: ["tasks_count", "open_tasks_count", "members_count", "attachment_bytes"],
    Task: ["subtasks_total", "subtasks_done", "comments_count", "attachments_count"],
}


@pytest.fixture
def filled(project, owner, member):
    """Return a parent in a project with something of every kind that is counted, and of every kind that is not."""
    parent = services.create_task(actor=owner, project=project.pk, title="parent")
    for title in ("open", "done", "archived", "trashed"):
        child = services.create_task(actor=owner, title=title, parent=parent.pk)
        if title == "done":
            services.change_task_status(actor=owner, task=child, status="done")
        elif title == "archived":
            services.archive_task(actor=owner, task=child)
        elif title == "trashed":
            attach(child)
            services.delete_task(actor=owner, task=child)
    attach(parent)
    create_comment(actor=owner, task=parent, body="stays")
    delete_comment(actor=owner, comment=create_comment(actor=owner, task=parent, body="goes"))
    return Task.objects.get(pk=parent.pk)


def check(*words):
    """Return (exit code, output) of the command."""
    out = StringIO()
    try:
        call_command("check_counters", *words, stdout=out)
    except SystemExit as end:
        return end.code, out.getvalue()
    return 0, out.getvalue()


def test_o2_what_the_services_keep_is_what_is_counted(project, filled):
    project.refresh_from_db()
    assert [getattr(project, name) for name in COUNTERS[Project]][:3] == [4, 2, 2]
    assert project.attachment_bytes > 0
    assert [getattr(filled, name) for name in COUNTERS[Task]] == [2, 1, 1, 1]
    assert check() == (0, "1 projects counted: 0 numbers differ.\n")


@pytest.mark.parametrize(
    ("model", "counter"), [(model, counter) for model, counters in COUNTERS.items() for counter in counters]
)
def test_o2_each_number_that_differs_is_named_and_ends_with_1_and_fix_sets_it_right(project, filled, model, counter):
    row = project if model is Project else filled
    row.refresh_from_db()
    right = getattr(row, counter)
    wrong = right + 3 if counter != "subtasks_done" else 0
    model.objects.filter(pk=row.pk).update(**{counter: wrong})
    version = model.objects.get(pk=row.pk).version

    code, text = check()
    assert code == 1
    assert f"{model._meta.model_name} {row.pk}: {counter} is {wrong}, counted {right}\n" in text
    assert getattr(model.objects.get(pk=row.pk), counter) == wrong

    code, text = check("--fix")
    assert (code, text.splitlines()[-1]) == (0, "1 projects counted: 1 numbers differ, 0 after the correction.")
    after = model.objects.get(pk=row.pk)
    assert (getattr(after, counter), after.version) == (right, version)
    assert check()[0] == 0


def test_o2_projects_of_every_batch_are_counted(owner):
    projects = [ProjectFactory(owner=owner, key=f"K{chr(65 + n // 26)}{chr(65 + n % 26)}") for n in range(120)]
    for project in (projects[0], projects[-1]):
        TaskFactory(project=project)
        Project.objects.filter(pk=project.pk).update(tasks_count=7)

    code, text = check()

    assert code == 1
    assert text.splitlines()[-1] == "120 projects counted: 2 numbers differ."
    assert check("--fix")[0] == 0


def test_o4_doctor_says_whether_the_numbers_are_right(project, filled):
    [finding] = counters()
    assert (finding.level, finding.fix) == (Level.OK, "")

    Task.objects.filter(pk=filled.pk).update(comments_count=9)
    [finding] = counters()
    assert finding.level is Level.FAIL
    assert "comments_count is 9, counted 1" in finding.text
    assert "check_counters --fix" in finding.fix


def test_o4_doctor_looks_at_a_hundred_projects(owner, django_assert_num_queries):
    for number in range(SAMPLE + 5):
        ProjectFactory(owner=owner, key=f"K{chr(65 + number // 26)}{chr(65 + number % 26)}")
    MembershipFactory()

    with django_assert_num_queries(5):  # the sample, and two statements for each fifty
        [finding] = counters()
    assert finding.text == f"right in a sample of {SAMPLE} projects"

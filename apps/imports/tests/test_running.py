"""The job `imports.run`: parts, crashes, undo, and what is left of an import afterwards (contract IM5, IM10)."""

from __future__ import annotations

import os
from datetime import timedelta

import pytest
from django.core.files.storage import default_storage
from django.utils import timezone

from apps.common.dates.clock import database_now
from apps.imports import jobs, services
from apps.imports.models import ImportJob, ImportRow
from apps.imports.monitoring import imports, states
from apps.imports.tests.conftest import stored
from apps.imports.writing import running
from apps.projects.erasure import erase_below
from apps.projects.models import Activity, Membership
from apps.projects.services import archive_project
from apps.projects.tests.factories import ProjectFactory
from apps.tasks.attachments import storage
from apps.tasks.models import Comment, Label, Task
from apps.tasks.tests.factories import TaskFactory
from apps.users.services import anonymise

FILE = "id,title,parent,comment,labels\n" + "".join(f"{n},T{n},{n + 1},Hello {n},red\n" for n in range(5))


class Killed(BaseException):
    """Stands for the end of a process: nothing handles it."""


@pytest.fixture
def begun(project, admin, upload, api):
    job = upload(admin, FILE, project).json()
    assert api(admin).post(f"/api/imports/{job['id']}/run/", {}).status_code == 202
    return job


@pytest.mark.parametrize("point", ["import.part_written", "import.part_committed"])
def test_im5_a_killed_import_goes_on_and_does_each_row_once(project, admin, begun, monkeypatch, point):
    monkeypatch.setattr(running, "AT_ONCE", 2)
    reached = []

    def die(name):
        if name == point and len(reached) < 4:
            reached.append(name)
            raise Killed

    monkeypatch.setattr(running, "fault_point", die)
    for _ in range(4):
        with pytest.raises(Killed):
            running.run_due()
        assert stored(begun).state == "running"
    assert running.run_due() is False

    assert stored(begun).result["created"] == 5
    assert [task.external_id for task in Task.objects.order_by("rank")] == list("01234")
    assert [task.comments_count for task in Task.objects.order_by("rank")] == [1] * 5
    assert dict(Task.objects.values_list("external_id", "parent__external_id")) == {
        "0": "1",
        "1": "2",
        "2": "3",
        "3": "4",
        "4": None,
    }
    seqs = list(Activity.objects.filter(project=project).order_by("seq").values_list("seq", flat=True))
    assert seqs == list(range(seqs[0], seqs[0] + len(seqs)))


def test_im5_without_progress_it_ends_and_what_was_done_can_be_undone(admin, begun, api, monkeypatch):
    monkeypatch.setattr(running, "AT_ONCE", 2)
    write = running.Writer.first_turn

    def fail(self, rows):
        if rows[0].row > 2:
            raise RuntimeError("no luck")
        return write(self, rows)

    monkeypatch.setattr(running.Writer, "first_turn", fail)
    for _ in range(8):
        running.run_due()
        ImportJob.objects.update(next_attempt_at=database_now())
    job = stored(begun)
    assert (job.state, job.error, job.result["created"]) == ("failed", "RuntimeError", 2)
    assert api(admin).post(f"/api/imports/{job.pk}/undo/", {}).status_code == 202
    assert Task.objects.kept().count() == 0


def test_im5_a_lost_role_or_an_archived_project_ends_it(project, owner, admin, begun):
    archive_project(actor=owner, project_id=project.pk)
    jobs.run()

    assert (stored(begun).state, Task.objects.count()) == ("failed", 0)


def test_im5_who_is_no_admin_any_more_imports_nothing(project, admin, begun):
    Membership.objects.filter(user=admin).update(role="member")
    jobs.run()

    assert (stored(begun).state, Task.objects.count()) == ("failed", 0)


def test_im10_undo_takes_back_what_nobody_has_touched(project, admin, begun, api, django_capture_on_commit_callbacks):
    jobs.run()
    touched, commented, *_ = Task.objects.order_by("rank")
    api(admin).patch(f"/api/tasks/{touched.pk}/", {"title": "Mine now"})
    api(admin).post(f"/api/tasks/{commented.pk}/comments/", {"body": "Really?"})
    label = Label.objects.get()

    response = api(admin).post(f"/api/imports/{begun['id']}/undo/", {})

    assert (response.status_code, response.json()["state"], response.json()["undo_until"]) == (202, "undone", None)
    # Their parents stay as well, since a task is deleted with what is below it
    assert {task.external_id for task in Task.objects.kept()} == {"0", "1", "2", "3", "4"}
    assert Label.objects.filter(pk=label.pk).exists()
    again = api(admin).post(f"/api/imports/{begun['id']}/undo/", {})
    assert (again.status_code, again.json()["code"]) == (409, "import_state")


def test_im10_undo_leaves_what_was_touched_and_what_stands_above_it(project, admin, imported, api):
    job = imported(admin, "id,title,parent\n1,One,\n2,Two,1\n3,Three,\n4,Four,3\n5,Five,4\n", project)
    api(admin).patch(f"/api/tasks/{Task.objects.get(external_id='4').pk}/", {"title": "Mine now"})

    api(admin).post(f"/api/imports/{job['id']}/undo/", {})

    assert {task.external_id for task in Task.objects.kept()} == {"3", "4"}


def test_im10_undo_drops_the_labels_and_notifies_nobody(project, owner, admin, begun, api):
    jobs.run()
    api(admin).post(f"/api/imports/{begun['id']}/undo/", {})

    assert (Task.objects.kept().count(), Label.objects.count()) == (0, 0)


def test_im10_undo_of_many_runs_in_the_background(project, admin, begun, api, settings):
    from apps.tasks.bulk.background import run_due

    settings.BULK_INLINE = 2
    jobs.run()
    assert api(admin).post(f"/api/imports/{begun['id']}/undo/", {}).status_code == 202
    run_due()

    assert (Task.objects.kept().count(), Label.objects.count()) == (0, 0)


@pytest.mark.parametrize(
    ("state", "detail"), [("running", "The import is running."), ("failed", "The import has failed.")]
)
def test_im6_an_import_that_cannot_be_run_says_how_far_it_is(begun, admin, api, state, detail):
    ImportJob.objects.filter(pk=begun["id"]).update(state=state)

    rejected = api(admin).post(f"/api/imports/{begun['id']}/run/", {})

    assert (rejected.status_code, rejected.json()["detail"]) == (409, detail)


def test_im6_nothing_is_imported_while_a_worker_takes_an_import_of_the_project_back(
    project, admin, begun, api, settings, upload
):
    from apps.tasks.bulk.background import run_due

    settings.BULK_INLINE = 2
    jobs.run()
    again = f"/api/imports/{upload(admin, FILE, project).json()['id']}/run/"
    assert api(admin).post(f"/api/imports/{begun['id']}/undo/", {}).status_code == 202

    for body in ({}, {"dry_run": True}):
        rejected = api(admin).post(again, body)
        assert (rejected.status_code, rejected.json()["code"]) == (409, "import_state")
        assert rejected.json()["detail"] == "An import of this project is being taken back."
    run_due()

    assert api(admin).post(again, {}).status_code == 202


def test_im10_after_its_days_it_cannot_be_undone(project, admin, begun, api, settings):
    jobs.run()
    assert api(admin).get(f"/api/imports/{begun['id']}/").json()["undo_until"] is not None
    settings.IMPORT_UNDO_DAYS = 0

    response = api(admin).post(f"/api/imports/{begun['id']}/undo/", {})

    assert (response.status_code, response.json()["code"], response.json()["reason"]) == (
        409,
        "not_undoable",
        "expired",
    )


def test_im10_updated_fields_return(project, admin, imported, api):
    imported(admin, "id,title\n1,One\n", project)
    job = imported(admin, "id,title\n1,Other\n", project, on_existing="update")
    assert Task.objects.get().title == "Other"

    api(admin).post(f"/api/imports/{job['id']}/undo/", {})

    assert Task.objects.get().title == "One"


def test_im6_one_import_runs_in_a_project(project, admin, begun, upload, api):
    other = upload(admin, "Title\nOne\n", project).json()

    response = api(admin).post(f"/api/imports/{other['id']}/run/", {})

    assert (response.status_code, response.json()["code"], response.json()["state"]) == (409, "import_state", "running")


def test_deleting_an_import_leaves_the_tasks_and_no_file(admin, begun, api, django_capture_on_commit_callbacks):
    jobs.run()
    with django_capture_on_commit_callbacks(execute=True):
        assert api(admin).delete(f"/api/imports/{begun['id']}/").status_code == 204

    assert (Task.objects.count(), ImportRow.objects.count(), list(storage.stored_names(services.FOLDER))) == (5, 0, [])


@pytest.mark.parametrize("end", ["account", "project", "age"])
def test_imports_end_with_their_account_and_project_and_by_age(project, admin, begun, end, settings):
    jobs.run()
    if end == "account":
        anonymise(user=admin)
    elif end == "project":
        erase_below("project", [project.pk])
    else:
        old = timezone.now() - timedelta(days=settings.BATCH_DAYS + 1)
        ImportJob.objects.update(created_at=old)

    for name in storage.stored_names(services.FOLDER):
        os.utime(default_storage.path(name), (0, 0))
    jobs.purge()

    assert (ImportJob.objects.count(), ImportRow.objects.count()) == (0, 0)
    assert list(storage.stored_names(services.FOLDER)) == []


def test_doctor_and_metrics_know_of_imports(begun):
    assert ([finding.level for finding in imports()], states()["running"]) == (["ok"], 1.0)
    ImportJob.objects.update(next_attempt_at=database_now() - timedelta(minutes=11))
    assert [finding.level for finding in imports()] == ["fail"]


def test_im10_undo_leaves_the_comments_of_the_import_out_of_the_judgement(project, admin, begun, api):
    jobs.run()
    assert Comment.objects.count() == 5
    api(admin).post(f"/api/imports/{begun['id']}/undo/", {})
    assert Task.objects.kept().count() == 0


def test_im11_a_move_keeps_what_a_task_is_elsewhere_unless_the_target_has_it(project, owner, api):
    target = ProjectFactory(owner=owner)
    kept, cleared, there = (TaskFactory(project=place) for place in (project, project, target))
    for task, name in ((kept, "1"), (cleared, "2"), (there, "2")):
        Task.objects.filter(pk=task.pk).update(external_source="trello", external_id=name)

    for task in (kept, cleared):
        moved = api(owner).patch(f"/api/tasks/{task.pk}/", {"project": target.pk})
        assert moved.status_code == 200, moved.content

    found = Task.objects.filter(project=target).values_list("pk", "external_source", "external_id")
    assert set(found) == {(kept.pk, "trello", "1"), (cleared.pk, None, None), (there.pk, "trello", "2")}

"""What becomes of tasks when a member leaves or a project ends."""

from __future__ import annotations

from apps.notifications.models import Notification
from apps.projects.models import Activity, Project
from apps.tasks.models import Attachment, AttachmentState, Task
from apps.tasks.tests.factories import TaskFactory


def test_who_leaves_is_taken_off_all_tasks_with_one_entry_and_no_mail_per_task(api, project, owner, member):
    mine = [TaskFactory(project=project, assigned_to=member) for _ in range(3)]
    other = TaskFactory(project=project, assigned_to=owner)

    assert api(owner).delete(f"/api/projects/{project.pk}/members/{member.pk}/").status_code == 204

    assert set(Task.objects.filter(assigned_to=None)) == set(mine)
    assert {task.version for task in Task.objects.filter(assigned_to=None)} == {2}
    other.refresh_from_db()
    assert (other.assigned_to, other.version) == (owner, 1)
    entry = Activity.objects.get(verb="tasks_unassigned")
    assert entry.changes == {
        "assigned_to": {"from": member.pk, "to": None},
        "tasks": {"from": ["WEB-1", "WEB-2", "WEB-3"], "to": None},
    }
    assert Activity.objects.count() == 2
    assert not Notification.objects.filter(kind__startswith="task_").exists()


def test_without_tasks_there_is_no_entry_about_them(api, project, owner, member):
    api(owner).delete(f"/api/projects/{project.pk}/members/{member.pk}/")

    assert list(Activity.objects.values_list("verb", flat=True)) == ["member_removed"]


def test_a_task_the_leaver_created_stays_and_is_still_editable(api, project, owner, member):
    task = TaskFactory(project=project, created_by=member, assigned_to=member)
    api(member).delete(f"/api/projects/{project.pk}/members/{member.pk}/")

    shown = api(owner).patch(f"/api/tasks/{task.pk}/", {"title": "x"}).json()

    assert shown["created_by"]["id"] == member.pk
    assert shown["assigned_to"] is None
    assert not Notification.objects.filter(recipient=member, kind="task_updated").exists()


def test_a_project_that_ends_takes_its_tasks_and_lets_their_files_go(api, project, owner, member, settings):
    settings.TRASH_DAYS = 0
    task = TaskFactory(project=project, assigned_to=member)
    Attachment.objects.create(
        task=task, project=project, name="a.txt", storage_name="a", size=7, state=AttachmentState.READY
    )

    Project.objects.filter(pk=project.pk).update(attachment_bytes=7)

    assert api(owner).delete(f"/api/projects/{project.pk}/").status_code == 204

    assert not Task.objects.exists()
    file = Attachment.objects.get()
    assert (file.state, file.task, file.project) == (AttachmentState.DELETING, None, None)

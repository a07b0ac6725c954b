"""Tasks in the admin."""

from __future__ import annotations

import json

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.notifications.models import Notification
from apps.projects.models import Activity, Project
from apps.projects.tests.factories import MembershipFactory, ProjectFactory
from apps.tasks.models import Attachment, AttachmentState, Task
from apps.tasks.tests.assertions import counts, kinds_and_recipients, snapshot
from apps.tasks.tests.factories import TaskFactory
from apps.users.tests.factories import UserFactory

PAGE = "/admin/tasks/task/"


def form(task: Task | None = None, **fields):
    """Return what the form posts for a task, with changes."""
    due = task.due_date if task and task.due_date else None
    body = {
        "project": task.project_id if task else "",
        "title": task.title if task else "From the desk",
        "description": task.description if task else "",
        "status": task.status if task else "todo",
        "priority": task.priority if task else "medium",
        "assigned_to": (task.assigned_to_id or "") if task else "",
        "due_date_0": f"{due:%Y-%m-%d}" if due else "",
        "due_date_1": f"{due:%H:%M:%S}" if due else "",
        "duration": "",
        "parent": (task.parent_id or "") if task else "",
        "metadata": json.dumps(task.metadata if task else {}),
    }
    return body | fields


def test_a_task_is_made_through_the_service(desk, administrator, project, owner, member):
    response = desk.post(PAGE + "add/", form(project=project.pk, assigned_to=member.pk))

    made = Task.objects.get()
    assert response.status_code == 302
    assert (made.key, made.created_by, made.assigned_to) == ("WEB-1", administrator, member)
    assert counts(project) == (1, 1, 1)
    assert kinds_and_recipients() == {("task_assigned", "member"), ("task_created", "owner")}
    assert Activity.objects.get().actor == administrator


def test_a_task_is_changed_through_the_service(desk, administrator, project, member, task):
    Task.objects.filter(pk=task.pk).update(assigned_to=member)
    task.refresh_from_db()

    response = desk.post(
        f"{PAGE}{task.pk}/change/",
        form(task, title="New", status="done", due_date_0="2027-01-01", due_date_1="08:00:00"),
    )

    task.refresh_from_db()
    assert response.status_code == 302
    assert (task.title, task.status, task.version) == ("New", "done", 2)
    assert task.completed_at is not None
    assert counts(project) == (1, 1, 0)
    assert ("task_updated", "member") in kinds_and_recipients()


def test_saving_without_a_change_changes_nothing(desk, task):
    before = snapshot()

    desk.post(f"{PAGE}{task.pk}/change/", form(task))

    assert snapshot() == before


def test_a_task_is_moved(desk, project, task):
    target = ProjectFactory(key="MOB")

    desk.post(f"{PAGE}{task.pk}/change/", form(task, project=target.pk))

    task.refresh_from_db()
    assert task.key == "MOB-1"
    assert counts(project)[1:] == (0, 0)


def test_what_a_service_rejects_is_a_message(desk, project, outsider, task):
    Project.objects.filter(pk=project.pk).update(archived_at="2026-01-01T00:00:00Z")
    before = snapshot()
    for body, message in (
        (form(task, title="New"), "archived"),
        (form(task, assigned_to=outsider.pk), "must be a member"),
    ):
        response = desk.post(f"{PAGE}{task.pk}/change/", body, follow=True)

        assert response.status_code == 200
        assert message in response.content.decode()
        assert snapshot() == before


@pytest.mark.parametrize(
    "metadata", ["[1]", "5", "{", '{"a": NaN}', '{"a": 1e999}', '{"a": "\\u0000"}', '{"a": "\\ud800"}', "x" * 20_000]
)
def test_metadata_that_cannot_be_stored_is_an_error_of_the_form(desk, project, metadata):
    response = desk.post(PAGE + "add/", form(project=project.pk, metadata=metadata))

    assert response.status_code == 200
    assert response.context["adminform"].form.errors["metadata"]
    assert not Task.objects.exists()


def test_metadata_over_16_kb_is_an_error_of_the_form(desk, project):
    response = desk.post(PAGE + "add/", form(project=project.pk, metadata=json.dumps({"a": "x" * 16_384})))

    assert "larger than 16384" in response.content.decode()


def test_empty_metadata_is_an_empty_object(desk, project):
    desk.post(PAGE + "add/", form(project=project.pk, metadata=""))

    assert Task.objects.get().metadata == {}


@pytest.mark.parametrize("how", ["page", "action"])
def test_a_deleted_task_lets_its_files_go(desk, project, task, how, settings):
    settings.TRASH_DAYS = 0
    Attachment.objects.create(
        task=task, project=project, name="a.txt", storage_name="a", size=7, state=AttachmentState.READY
    )
    Project.objects.filter(pk=project.pk).update(attachment_bytes=7)
    Task.objects.filter(pk=task.pk).update(attachments_count=1)
    if how == "page":
        assert "with 1 files" in desk.get(f"{PAGE}{task.pk}/delete/").content.decode()
        desk.post(f"{PAGE}{task.pk}/delete/", {"post": "yes"})
    else:
        desk.post(PAGE, {"action": "delete_selected", "_selected_action": [task.pk], "post": "yes"})

    assert not Task.objects.exists()
    assert Attachment.objects.get().state == AttachmentState.DELETING
    assert counts(project)[1:] == (0, 0)
    assert Activity.objects.get().verb == "deleted"


def test_chosen_tasks_are_archived_and_brought_back(desk, project):
    tasks = [TaskFactory(project=project) for _ in range(3)]
    chosen = [task.pk for task in tasks[:2]]

    desk.post(PAGE, {"action": "archive", "_selected_action": chosen})
    assert Task.objects.filter(archived_at=None).count() == 1
    assert counts(project) == (3, 3, 1)

    desk.post(PAGE, {"action": "unarchive", "_selected_action": chosen})
    assert counts(project) == (3, 3, 3)


def test_the_list_takes_as_many_queries_for_many_tasks_as_for_few(desk):
    found = []
    for _ in range(2):
        for _ in range(4):
            place = ProjectFactory()
            TaskFactory(project=place, assigned_to=MembershipFactory(project=place).user)
        with CaptureQueriesContext(connection) as queries:
            assert desk.get(PAGE).status_code == 200
        found.append(len(queries))

    assert found[0] == found[1]


@pytest.mark.parametrize(
    ("term", "found"),
    [("login", True), ("web-1", True), ("log", True), ("nothing", False), ("'|&", False), ("%00", False)],
)
def test_the_list_is_searched_by_words_and_key(desk, task, term, found):
    page = desk.get(PAGE, {"q": term}).content.decode()

    assert ("Fix the login page" in page) == found


@pytest.mark.parametrize(
    "query", ["status__exact=todo", "priority__exact=low", "archived_at__isempty=1", "o=2.-3", "p=2", "all="]
)
def test_the_list_can_be_narrowed_and_ordered(desk, task, query):
    assert desk.get(f"{PAGE}?{query}", follow=True).status_code == 200


def test_projects_and_people_are_completed_while_typing(desk, project, member):
    for model, field, term in (("project", "project", "Web"), ("user", "assigned_to", "memb")):
        response = desk.get(
            "/admin/autocomplete/",
            {"app_label": "tasks", "model_name": "task", "field_name": field, "term": term},
        )
        assert len(response.json()["results"]) == 1, model


def test_staff_without_the_permission_see_nothing(client, task):
    client.force_login(UserFactory(username="clerk", is_staff=True))

    assert client.get(PAGE).status_code == 403
    assert client.post(f"{PAGE}{task.pk}/delete/", {"post": "yes"}).status_code == 403
    assert Task.objects.exists()
    assert not Notification.objects.exists()

"""Labels in the admin."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.projects.models import Activity, Project
from apps.tasks.labels.tests.label_helpers import events, make_labels, put_on
from apps.tasks.models import Label

pytestmark = pytest.mark.django_db

PAGE = "/admin/tasks/label/"


def form(**fields):
    return {"name": "bug", "color": "", "description": ""} | fields


def test_a_label_is_made_through_the_service(desk, administrator, project):
    response = desk.post(f"{PAGE}add/", form(project=project.pk, name=" Bug "))

    made = Label.objects.get()
    assert response.status_code == 302
    assert (made.name, made.color) == ("Bug", "#8d58b8")
    [event] = events(project, "label.created")
    assert (event.actor, event.origin) == (administrator, "admin")


def test_a_label_is_changed_and_deleted_through_the_service(desk, project, task):
    [label] = make_labels(project, "bug")
    put_on(task, label)

    assert desk.post(f"{PAGE}{label.pk}/change/", form(name="defect", color="#ABCDEF")).status_code == 302
    label.refresh_from_db()
    assert (label.name, label.color) == ("defect", "#abcdef")
    assert "on 1 tasks" in desk.get(f"{PAGE}{label.pk}/delete/").content.decode()
    assert desk.post(f"{PAGE}{label.pk}/delete/", {"post": "yes"}).status_code == 302
    assert not Label.objects.exists()
    assert [event.type for event in Activity.objects.order_by("seq")] == ["label.updated", "label.deleted"]


def test_saving_without_a_change_writes_nothing(desk, project):
    [label] = make_labels(project, "bug")

    desk.post(f"{PAGE}{label.pk}/change/", form(color=label.color))

    assert Activity.objects.count() == 0


@pytest.mark.parametrize(
    "fields",
    [{"name": "BUG"}, {"name": "a\u2028b"}, {"name": "\u200b"}, {"name": ""}, {"color": "red"}, {"name": "x" * 51}],
)
def test_what_the_api_rejects_is_an_error_of_the_form(desk, project, fields):
    make_labels(project, "bug")

    response = desk.post(f"{PAGE}add/", form(project=project.pk, **({"name": "other"} | fields)))

    assert response.status_code == 200
    assert "errorlist" in response.content.decode()
    assert Label.objects.count() == 1


def test_la10_an_archived_project_is_read_only_here_too(desk, project):
    [label] = make_labels(project, "bug")
    Project.objects.filter(pk=project.pk).update(archived_at=project.created_at)

    assert desk.post(f"{PAGE}{label.pk}/change/", form(name="x", color=label.color)).status_code == 200
    desk.post(f"{PAGE}{label.pk}/delete/", {"post": "yes"})
    label.refresh_from_db()
    assert label.name == "bug"


def test_a_list_costs_no_statement_per_label(desk, project, task):
    desk.get(PAGE)

    def statements():
        with CaptureQueriesContext(connection) as queries:
            assert desk.get(PAGE).status_code == 200
        return len(queries)

    put_on(task, *make_labels(project, "one"))
    few = statements()
    put_on(task, *make_labels(project, *(f"label {number}" for number in range(15))))

    assert statements() == few


def test_a_task_shows_its_labels(desk, project, task):
    put_on(task, *make_labels(project, "b <b>", "a"))

    assert "a, b &lt;b&gt;" in desk.get(f"/admin/tasks/task/{task.pk}/change/").content.decode()

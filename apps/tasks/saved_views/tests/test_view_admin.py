"""Saved views in the admin (contract O5)."""

from __future__ import annotations

import pytest

from apps.projects.models import Activity
from apps.tasks.models import SavedView

pytestmark = pytest.mark.django_db
PAGE = "/admin/tasks/savedview/"


@pytest.fixture
def view(api, member, project):
    body = {"name": "Late", "filter": "assignee = me", "project": project.pk, "is_shared": True}
    return SavedView.objects.get(pk=api(member).post("/api/views/", body).json()["id"])


def form(**fields):
    return {"name": "Late", "filter": "assignee = me", "layout": "list", "group_by": ""} | fields


def test_o5_a_view_is_changed_and_deleted_through_the_services(desk, administrator, project, view):
    path = f"{PAGE}{view.pk}/"

    assert desk.post(f"{path}change/", form(name="Mine", filter="assignee=Member")).status_code == 302
    view.refresh_from_db()
    assert (view.name, view.filter, view.version) == ("Mine", "assignee = Member", 2)
    assert desk.post(f"{path}delete/", {"post": "yes"}).status_code == 302
    assert not SavedView.objects.exists()
    events = Activity.objects.filter(project=project, type__startswith="view.").order_by("seq")
    assert list(events.values_list("type", "origin"))[1:] == [("view.updated", "admin"), ("view.deleted", "admin")]
    assert events[1].actor == administrator


def test_a_wrong_filter_is_an_error_of_the_form(desk, view):
    response = desk.post(f"{PAGE}{view.pk}/change/", form(filter="assignee = nobody"))

    assert response.status_code == 200
    assert "You see no person" in response.content.decode()
    assert SavedView.objects.get().version == 1


def test_saving_without_a_change_writes_nothing(desk, view):
    assert desk.post(f"{PAGE}{view.pk}/change/", form()).status_code == 302

    assert SavedView.objects.get().version == 1

"""Projects, members, history and reports in the admin."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from apps.notifications.tests.assertions import kinds_sent_to
from apps.projects.models import Activity, Membership, Project
from apps.projects.roles import Role
from apps.projects.tests.cast import history, unchanged
from apps.projects.tests.factories import MembershipFactory, ProjectFactory
from apps.reports.models import Report, ReportStatus
from apps.tasks.tests.factories import TaskFactory
from apps.users.models import User

PROJECTS = "/admin/projects/project/"
PAGES = [PROJECTS, "/admin/projects/membership/", "/admin/projects/activity/", "/admin/reports/report/"]


def act(desk, page, action, *rows):
    return desk.post(page, {"action": action, "_selected_action": [row.pk for row in rows]}, follow=True)


def fill(count):
    for _ in range(count):
        project = MembershipFactory().project
        Activity.objects.create(project=project, actor=project.owner, verb="updated")
        Report.objects.create(project=project, created_by=project.owner)


@pytest.mark.parametrize("page", PAGES)
def test_the_lists_take_as_many_queries_for_many_rows_as_for_few(desk, page):
    counts = []
    for _ in range(2):
        fill(3)
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert desk.get(page).status_code == 200
        counts.append(len(queries))

    assert counts[0] == counts[1]


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("term", ["website", "WEB", "owner", "12", "owner@example.org"])
def test_the_lists_can_be_searched(desk, project, page, term):
    assert desk.get(page, {"q": term}).status_code == 200


def test_a_project_is_found_by_part_of_its_name_its_key_and_its_owner(desk, project, outsider):
    for term in ("ebsit", "WEB", "owner", "owner@example.org"):
        page = desk.get(PROJECTS, {"q": term}).content.decode()
        assert "Website" in page
        assert "Elsewhere" not in page


def test_a_project_is_made_for_its_owner_through_the_service(desk, administrator, outsider):
    response = desk.post(
        PROJECTS + "add/", {"owner": outsider.pk, "name": "From the desk", "key": "", "description": ""}
    )

    made = Project.objects.get(name="From the desk")
    assert response.status_code == 302
    assert (made.owner, made.key, made.members_count) == (outsider, "FTD", 1)
    assert Membership.objects.get(project=made).role == Role.OWNER
    assert Activity.objects.get(project=made).actor == administrator


def test_a_project_is_edited_through_the_service(desk, project, administrator):
    response = desk.post(f"{PROJECTS}{project.pk}/change/", {"name": "Renamed", "key": "NEW", "description": ""})

    project.refresh_from_db()
    assert response.status_code == 302
    assert (project.name, project.key, project.version) == ("Renamed", "NEW", 2)
    assert [verb for verb, _ in history(project)] == ["updated"]


def test_what_the_service_rejects_is_said_and_changes_nothing(desk, project):
    Project.objects.filter(pk=project.pk).update(archived_at=timezone.now())
    stays = unchanged(project)

    response = desk.post(
        f"{PROJECTS}{project.pk}/change/", {"name": "Renamed", "key": "WEB", "description": ""}, follow=True
    )

    assert "The project is archived and so read-only." in response.content.decode()
    assert stays()


def test_projects_are_archived_and_unarchived_but_no_inbox(desk, project, outsider):
    inbox = ProjectFactory(owner=outsider, is_inbox=True)

    response = act(desk, PROJECTS, "archive", project, inbox)
    assert "An Inbox cannot be archived." in response.content.decode()
    assert list(Project.objects.exclude(archived_at=None)) == [project]

    act(desk, PROJECTS, "unarchive", project)
    assert not Project.objects.exclude(archived_at=None).exists()


def test_deleting_asks_first_and_says_how_much_goes(desk, project, settings):
    settings.TRASH_DAYS = 0
    TaskFactory.create_batch(3, project=project)

    page = desk.get(f"{PROJECTS}{project.pk}/delete/").content.decode()
    assert "with 3 tasks and 1 members" in page
    assert Project.objects.filter(pk=project.pk).exists()

    assert desk.post(f"{PROJECTS}{project.pk}/delete/", {"post": "yes"}).status_code == 302
    assert not Project.objects.filter(pk=project.pk).exists()


def test_of_the_chosen_projects_the_inbox_stays(desk, project, outsider, settings):
    settings.TRASH_DAYS = 0
    inbox = ProjectFactory(owner=outsider, is_inbox=True)

    desk.post(
        PROJECTS, {"action": "delete_selected", "_selected_action": [project.pk, inbox.pk], "post": "yes"}, follow=True
    )

    assert set(Project.objects.filter(pk__in=[project.pk, inbox.pk])) == {inbox}
    assert desk.post(f"{PROJECTS}{inbox.pk}/delete/", {"post": "yes"}).status_code == 403


def test_members_are_removed_and_told_but_no_owner(desk, project, member):
    response = act(desk, "/admin/projects/membership/", "remove", *Membership.objects.filter(project=project))

    assert "The owner stays the owner" in response.content.decode()
    assert list(Membership.objects.filter(project=project).values_list("role", flat=True)) == [Role.OWNER]
    assert kinds_sent_to(member) == ["project_member_removed"]


def test_failed_reports_are_built_again(desk, project, owner):
    failed = Report.objects.create(project=project, created_by=owner, status=ReportStatus.FAILED, attempts=5)
    ready = Report.objects.create(project=project, created_by=owner, status=ReportStatus.READY)

    response = act(desk, "/admin/reports/report/", "build_again", failed, ready)

    assert "1 will be built again." in response.content.decode()
    assert set(Report.objects.values_list("pk", "status")) == {(failed.pk, "pending"), (ready.pk, "ready")}


@pytest.mark.parametrize("page", PAGES[1:])
def test_the_rest_is_only_looked_at(desk, project, owner, page):
    Activity.objects.create(project=project, actor=owner, verb="updated")
    Report.objects.create(project=project, created_by=owner, content=b"x")
    model = {"membership": Membership, "activity": Activity, "report": Report}[page.split("/")[3]]
    row = model.objects.first()

    assert desk.get(f"{page}{row.pk}/change/").status_code == 200
    assert desk.get(page + "add/").status_code == 403
    assert desk.post(f"{page}{row.pk}/change/", {}).status_code == 403
    assert desk.post(f"{page}{row.pk}/delete/", {"post": "yes"}).status_code == 403


def test_staff_without_the_permission_does_nothing(client, project, staff):
    client.force_login(User.objects.get(pk=staff.pk))

    assert client.get(PROJECTS).status_code == 403
    assert client.post(f"{PROJECTS}{project.pk}/delete/", {"post": "yes"}).status_code == 403


def test_the_owner_is_chosen_by_autocompletion(desk, outsider):
    query = {"term": "outs", "app_label": "projects", "model_name": "project", "field_name": "owner"}

    assert [row["id"] for row in desk.get("/admin/autocomplete/", query).json()["results"]] == [str(outsider.pk)]

"""GET and POST /api/projects/{id}/reports/, GET …/reports/{id}/."""

from __future__ import annotations

import pytest
from django.utils import timezone

from apps.projects.models import Project
from apps.projects.tests.cast import answers
from apps.projects.tests.factories import ProjectFactory
from apps.reports import jobs
from apps.reports.models import Report


def url(project, *more):
    return f"/api/projects/{project.pk}/reports/" + "".join(f"{part}/" for part in more)


@pytest.fixture
def report(project, owner):
    return Report.objects.create(project=project, created_by=owner)


@answers(owner=202, admin=202, member=202, viewer=403)
def test_members_ask_for_a_report(api, project, request, who, status):
    assert api(request.getfixturevalue(who)).post(url(project)).status_code == status
    assert Report.objects.count() == (status == 202)


@answers(owner=200, admin=200, member=200, viewer=200)
def test_everybody_in_the_project_reads_reports(api, project, report, request, who, status):
    client = api(request.getfixturevalue(who))

    assert client.get(url(project)).status_code == status
    assert client.get(url(project, report.pk)).status_code == status


def test_a_new_report_is_pending(api, project, member):
    body = api(member).post(url(project), {}).json()

    report = Report.objects.get()
    assert body == {
        "id": report.pk,
        "status": "pending",
        "created_by": {"id": member.pk, "username": "member", "nickname": "", "avatar": None},
        "created_at": report.created_at.isoformat().replace("+00:00", "Z"),
        "finished_at": None,
        "summary": None,
        "url": None,
    }
    assert api(member).get(url(project, report.pk)).json() == body


def test_a_ready_report_shows_its_figures_and_where_its_table_is(api, project, viewer, report):
    jobs.build()

    body = api(viewer).get(url(project, report.pk)).json()

    assert (body["status"], body["summary"]["total"]) == ("ready", 0)
    assert body["url"] == f"http://testserver{url(project, report.pk, 'download')}"
    assert body["finished_at"] >= body["created_at"]
    assert api(viewer).get(body["url"]).status_code == 200


def test_unknown_fields_are_rejected(api, project, member):
    response = api(member).post(url(project), {"format": "pdf"})

    assert response.json()["errors"][0]["code"] == "unknown_field"
    assert not Report.objects.exists()


def test_a_retry_with_the_same_idempotency_key_asks_once(api, project, member):
    first, again = (api(member).post(url(project), headers={"Idempotency-Key": "r1"}) for _ in range(2))

    assert (first.status_code, again.status_code) == (202, 202)
    assert first.json() == again.json()
    assert Report.objects.count() == 1


def test_asking_is_limited(api, project, member, settings):
    settings.THROTTLE_RATES = {**settings.THROTTLE_RATES, "reports": "2/3600"}

    assert [api(member).post(url(project)).status_code for _ in range(3)] == [202, 202, 429]


def test_an_archived_project_still_has_reports(api, project, member):
    Project.objects.filter(pk=project.pk).update(archived_at=timezone.now())

    assert api(member).post(url(project)).status_code == 202


def test_a_report_is_found_below_its_own_project_only(api, owner, report):
    other = ProjectFactory(owner=owner)

    assert api(owner).get(url(other, report.pk)).status_code == 404
    assert api(owner).get(url(other, report.pk, "download")).status_code == 404


def test_the_list_is_newest_first_in_a_constant_number_of_queries(api, project, viewer, django_assert_num_queries):
    reports = [Report.objects.create(project=project, created_by=project.owner) for _ in range(5)]

    client = api(viewer)
    with django_assert_num_queries(3):  # the caller, the project with the role, the page
        rows = client.get(url(project)).json()["results"]

    assert [row["id"] for row in rows] == [report.pk for report in reversed(reports)]

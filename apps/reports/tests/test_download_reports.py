"""GET /api/projects/{id}/reports/{id}/download/."""

from __future__ import annotations

import csv
import io

import pytest
from django.utils import timezone

from apps.projects.tests.cast import answers
from apps.reports import services
from apps.reports.models import Report, ReportStatus
from apps.tasks.tests.factories import TaskFactory

HEADER = (
    "key,title,status,priority,assigned_to,created_by,due_date,due_on,duration_minutes,labels,parent,attachments,"
    "created_at,updated_at,completed_at"
)


def url(report):
    return f"/api/projects/{report.project_id}/reports/{report.pk}/download/"


@pytest.fixture
def build(project, owner):
    def built():
        report = services.request_report(actor=owner, project_id=project.pk)
        services.build_due()
        return report

    return built


def rows(response):
    return list(csv.reader(io.StringIO(response.getvalue().decode("utf-8-sig"), newline="")))


@answers(owner=200, admin=200, member=200, viewer=200)
def test_everybody_in_the_project_downloads(api, build, request, who, status):
    assert api(request.getfixturevalue(who)).get(url(build())).status_code == status


def test_the_table_is_an_attachment_that_no_browser_opens_or_keeps(api, owner, build):
    report = build()

    response = api(owner).get(url(report))

    assert response["Content-Type"].startswith("text/csv; charset=utf-8")
    name = f"WEB-report-{report.pk}.csv"
    assert response["Content-Disposition"] == f"attachment; filename=\"{name}\"; filename*=UTF-8''{name}"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Cache-Control"] == "no-store"
    assert "sandbox" in response["Content-Security-Policy"]


def test_the_table_has_one_line_per_task_in_the_order_of_numbers(api, project, owner, member, build):
    due = timezone.now().replace(microsecond=0)
    first = TaskFactory(project=project, title='Say "hello", Zoë\nand leave', assigned_to=member, duration=90)
    TaskFactory(project=project, title="Second", due_date=due)

    response = api(owner).get(url(build()))

    raw = response.getvalue().decode("utf-8-sig")
    assert raw.split("\r\n")[0] == HEADER
    table = list(csv.DictReader(io.StringIO(raw, newline="")))
    assert [(row["key"], row["title"]) for row in table] == [
        ("WEB-1", 'Say "hello", Zoë\nand leave'),
        ("WEB-2", "Second"),
    ]
    assert (table[0]["assigned_to"], table[0]["created_by"], table[0]["duration_minutes"]) == ("member", "owner", "90")
    assert table[0]["created_at"] == first.created_at.isoformat().replace("+00:00", "Z")
    assert table[1]["due_date"] == due.isoformat().replace("+00:00", "Z")
    assert (table[1]["assigned_to"], table[1]["completed_at"]) == ("", "")


def test_a_title_that_is_a_formula_arrives_as_text(api, project, owner, build):
    TaskFactory(project=project, title='=cmd|" /C calc"!A0')

    assert rows(api(owner).get(url(build())))[1][1] == '\'=cmd|" /C calc"!A0'


@pytest.mark.parametrize("status", [ReportStatus.PENDING, ReportStatus.FAILED])
@pytest.mark.parametrize("accept", ["application/json", "text/csv", "*/*"])
def test_what_is_not_ready_cannot_be_downloaded(api, project, owner, status, accept):
    report = Report.objects.create(project=project, created_by=owner, status=status)

    response = api(owner).get(url(report), headers={"Accept": accept})

    assert (response.status_code, response.json()["code"]) == (409, "report_not_ready")
    assert response["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize("accept", ["text/csv", "application/octet-stream", "*/*", "image/png", "nonsense"])
def test_the_table_is_given_whatever_the_client_accepts(api, owner, outsider, build, accept):
    """Seen besides row 23: a 406 for `application/octet-stream`, which an attachment answers."""
    report = build()

    assert api(owner).get(url(report), headers={"Accept": accept}).status_code == 200
    hidden = api(outsider).get(url(report), headers={"Accept": accept})
    assert (hidden.status_code, hidden.json()["code"]) == (404, "not_found")


def test_row_11_a_double_click_shows_umlauts(api, project, owner, build):
    TaskFactory(project=project, title="Änderung")

    raw = api(owner).get(url(build())).getvalue()

    assert raw.startswith(b"\xef\xbb\xbfkey,title,")
    assert raw.count(b"\xef\xbb\xbf") == 1
    assert "Änderung" in raw.decode()

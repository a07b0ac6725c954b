"""EX1 to EX4 from the pages: lists as CSV, archives of a project and of the account."""

from __future__ import annotations

import csv
import io
import zipfile

import pytest
from django.utils import timezone

from apps.exports import services
from apps.exports.models import Export
from apps.projects.models import Membership
from apps.tasks.labels.services import create_label
from apps.tasks.models import TaskLabel
from apps.tasks.tests.factories import TaskFactory
from apps.web.tests.browser import Browser

pytestmark = pytest.mark.django_db


@pytest.fixture
def mara(owner):
    return Browser(owner)


@pytest.fixture(autouse=True)
def _files(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    settings.DISK_RESERVE_BYTES = 0


def body(response):
    return b"".join(response.streaming_content)


def titles(response):
    assert response.status_code == 200, response.content
    return [row["title"] for row in csv.DictReader(io.StringIO(body(response).decode("utf-8-sig"), newline=""))]


def link(browser, words):
    """Return the address of the one link of the page with these words."""
    [path] = {each.get("href") for each in browser.page.xpath("//main//a[contains(., $words)]", words=words)}
    return path.removeprefix("http://testserver")


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("?page_size=1&ordering=title", ["=c", "a", "b"]),
        ("?ordering=-priority&status=todo", ["b", "a"]),
        ("?label_any={bug}", ["a"]),
        ("?filter=priority = urgent", ["b"]),
        ("", ["=c", "b", "a"]),
    ],
)
def test_ex1_the_csv_of_a_list_has_what_the_list_finds_in_its_order_and_on_all_pages(
    mara, project, owner, query, found
):
    rows = [TaskFactory(project=project, title=title) for title in "ab"]
    rows += [TaskFactory(project=project, title="=c", status="review")]
    type(rows[1]).objects.filter(pk=rows[1].pk).update(priority="urgent")
    TaskFactory(project=project, title="old", archived_at=timezone.now())
    bug = create_label(actor=owner, project_id=project.pk, name="bug")
    TaskLabel.objects.create(task=rows[0], label=bug, project=project)
    mara.open(f"/projects/{project.pk}/{query.format(bug=bug.pk)}")

    answer = mara.open(link(mara, "CSV"))

    assert titles(answer) == [title.replace("=", "'=") for title in found]
    assert answer["Content-Disposition"].startswith("attachment")
    assert answer["Content-Security-Policy"] == "default-src 'none'; sandbox"


def test_ex1_views_and_searches_have_a_csv_of_what_they_find(mara, project):
    for title in ("paint", "sand"):
        TaskFactory(project=project, title=title)
    mara.open("/views/new/")
    mara.send("/views/new/", name="To paint", filter='title ~ "paint"', project=project.pk, ordering="title")
    mara.follow()
    assert titles(mara.open(link(mara, "CSV"))) == ["paint"]
    mara.open("/search/?search=sand")
    assert titles(mara.open(link(mara, "CSV"))) == ["sand"]
    mara.open(f"/projects/{project.pk}/settings/export/")
    assert titles(mara.open(link(mara, "All tasks as CSV"))) == ["sand", "paint"]


def test_ex1_the_csv_is_of_what_the_reader_sees_and_of_no_more_rows_than_fit(task, viewer, outsider, settings):
    path = f"/tasks/export/?project={task.project_id}"
    assert titles(Browser(viewer).open(path)) == [task.title]
    stranger = Browser(outsider)
    assert stranger.open(path).status_code == 400 or titles(stranger.response) == []
    assert Browser().open(path).status_code == 302

    TaskFactory(project=task.project)
    settings.EXPORT_MAX_ROWS = 1
    reader = Browser(viewer)
    assert reader.open(path).status_code == 422
    assert "narrow them by a filter" in reader.text
    assert reader.open("/tasks/export/?status=wrong").status_code == 400


def test_ex2_ex4_an_archive_of_a_project_is_asked_for_downloaded_and_deleted(mara, task, owner):
    path = f"/projects/{task.project_id}/settings/export/"
    mara.open(path)
    mara.send(path, with_files="on")
    mara.follow()
    export = Export.objects.get()
    assert (export.project_id, export.with_files, export.created_by) == (task.project_id, True, owner)
    assert "is being made" in mara.text
    assert mara.page.xpath("//*[@id='exports'][@hx-trigger]")
    download = f"/settings/exports/{export.pk}/"
    assert mara.open(download).status_code == 409

    services.build_due()

    mara.open(path)
    assert not mara.page.xpath("//*[@id='exports'][@hx-trigger]")
    archive = zipfile.ZipFile(io.BytesIO(body(mara.open(link(mara, "Download")))))
    assert task.title in archive.read("tasks.ndjson").decode()
    mara.open("/notifications/")
    assert "/settings/exports/" in mara.links()
    Export.objects.update(expires_at=timezone.now())
    assert mara.open(download).status_code == 410
    mara.open(path)
    assert "it has expired" in mara.text
    mara.send(f"{download}delete/")
    assert mara.response["Location"] == path
    assert not Export.objects.exists()


def test_ex3_an_archive_of_the_account_is_asked_for_in_the_settings(mara, task):
    mara.open("/settings/exports/")
    mara.send("/settings/exports/")
    services.build_due()
    mara.follow()

    archive = zipfile.ZipFile(io.BytesIO(body(mara.open(link(mara, "Download")))))

    assert "profile.ndjson" in archive.namelist()
    assert any(name.endswith("/tasks.ndjson") for name in archive.namelist())


def test_ex4_archives_are_for_admins_and_each_for_who_asked(task, admin, member, owner, outsider):
    path = f"/projects/{task.project_id}/settings/export/"
    asked = Browser(admin)
    asked.open(path)
    assert asked.send(path).status_code == 303
    export = Export.objects.get()
    answers = []
    for person in (outsider, member, owner):
        browser = Browser(person)
        browser.open("/projects/")
        answers.append((browser.open(path).status_code, browser.post(path).status_code))
        assert browser.open(f"/settings/exports/{export.pk}/").status_code == 404
        assert browser.post(f"/settings/exports/{export.pk}/delete/").status_code == 404
    assert answers == [(404, 404), (200, 403), (200, 303)]

    Membership.objects.filter(user=admin, project=task.project).update(role="member")
    assert asked.open(f"/settings/exports/{export.pk}/").status_code == 404

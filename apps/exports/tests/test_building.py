"""The job `exports.build`, the download, and what is left of an export afterwards (contract EX4)."""

from __future__ import annotations

import hashlib
import os
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.files.storage import default_storage

from apps.common.dates.clock import database_now
from apps.exports import jobs, messages, services
from apps.exports.models import Export
from apps.exports.monitoring import exports
from apps.notifications.models import Notification
from apps.notifications.tests.assertions import kinds_sent_to
from apps.notifications.tests.outbox_rows import as_read
from apps.projects.erasure import erase_below
from apps.tasks.attachments import storage
from apps.users.services import anonymise


@pytest.fixture
def asked(project, admin):
    return services.request_export(actor=admin, scope="project", project_id=project.pk, with_files=False)


def fresh(export):
    return Export.objects.get(pk=export.pk)


def stored():
    return list(storage.stored_names(services.FOLDER))


def test_ex4_a_job_builds_it_and_the_requester_is_notified(api, project, owner, admin, asked):
    assert jobs.build() is False
    assert jobs.build() is False

    built = fresh(asked)
    shown = api(admin).get(f"/api/exports/{asked.pk}/").json()
    assert (shown["state"], shown["size"], built.attempts) == ("ready", default_storage.size(built.storage_name), 1)
    assert shown["url"].endswith(f"/api/exports/{asked.pk}/download/")
    assert built.expires_at - built.finished_at == timedelta(hours=24)
    assert (kinds_sent_to(admin), kinds_sent_to(owner)) == (["export_ready"], [])
    row = Notification.objects.get()
    assert as_read(messages.ExportReady.content(row, messages.ExportReady.load([row])[row.pk])).title == (
        "The export of Website is ready"
    )


def test_ex4_the_download_is_served_as_attachments_are(api, admin, asked):
    jobs.build()

    response = api(admin).get(f"/api/exports/{asked.pk}/download/", headers={"Accept": "application/zip"})

    content = response.getvalue()
    assert hashlib.sha256(content).hexdigest() == fresh(asked).sha256
    assert response["Content-Type"] == "application/zip"
    assert response["Content-Disposition"].startswith(f'attachment; filename="WEB-export-{asked.pk}.zip"')
    assert (response["X-Content-Type-Options"], response["Cache-Control"]) == ("nosniff", "no-store")
    assert "sandbox" in response["Content-Security-Policy"]


def test_ex4_after_its_time_it_is_gone_with_its_file(api, admin, asked):
    jobs.build()
    Export.objects.update(expires_at=database_now() - timedelta(seconds=1))

    for _ in range(2):  # before the purge, and after it
        response = api(admin).get(f"/api/exports/{asked.pk}/download/")
        assert (response.status_code, response.json()["code"]) == (410, "export_expired")
        shown = api(admin).get(f"/api/exports/{asked.pk}/").json()
        assert (shown["state"], shown["url"]) == ("expired", None)
        jobs.purge()
    services.purge_exports(now=database_now() + timedelta(hours=2))  # what a broken-off removal has left behind

    assert (stored(), fresh(asked).storage_name) == ([], "")


def test_ex4_deleted_exports_leave_no_file(api, admin, asked, django_capture_on_commit_callbacks):
    jobs.build()
    assert len(stored()) == 1

    with django_capture_on_commit_callbacks(execute=True):
        assert api(admin).delete(f"/api/exports/{asked.pk}/").status_code == 204

    assert (stored(), Export.objects.count()) == ([], 0)


@pytest.mark.parametrize("end", ["account", "project"])
def test_ex4_exports_end_with_their_account_and_their_project(project, admin, asked, end):
    jobs.build()

    if end == "account":
        anonymise(user=admin)
    else:
        erase_below("project", [project.pk])

    assert Export.objects.count() == 0
    old = (database_now() - timedelta(hours=2)).timestamp()
    for name in stored():
        os.utime(default_storage.path(name), (old, old))
    services.purge_exports(now=database_now())
    assert stored() == []


def test_ex4_what_is_deleted_while_it_is_built_comes_to_nothing(admin, asked, monkeypatch):
    def write_and_delete(export, sink):
        Export.objects.filter(pk=export.pk).delete()
        sink.write(b"half")

    monkeypatch.setattr(services, "write_export", write_and_delete)
    jobs.build()

    assert (stored(), kinds_sent_to(admin)) == ([], [])


def test_ex4_it_is_tried_five_times_and_leaves_no_half_file(api, admin, asked, monkeypatch):
    def fail(export, sink):
        sink.write(b"half")
        raise RuntimeError("no luck")

    monkeypatch.setattr(services, "write_export", fail)
    for attempt in range(1, 6):
        jobs.build()
        assert (fresh(asked).state, fresh(asked).attempts) == ("failed" if attempt == 5 else "pending", attempt)
        Export.objects.update(next_attempt_at=database_now())

    assert (fresh(asked).error, stored(), list(Path(default_storage.path("incoming")).iterdir())) == (
        "RuntimeError",
        [],
        [],
    )
    response = api(admin).get(f"/api/exports/{asked.pk}/download/")
    assert (response.status_code, response.json()["code"]) == (409, "export_not_ready")


def test_ex4_what_waits_too_long_is_found_by_doctor(asked):
    assert [finding.level for finding in exports()] == ["ok"]
    Export.objects.update(next_attempt_at=database_now() - timedelta(minutes=11))
    assert [finding.level for finding in exports()] == ["fail"]


def test_ex4_old_rows_are_dropped(asked, settings):
    jobs.build()
    services.purge_exports(now=database_now() + timedelta(hours=25))

    services.purge_exports(now=database_now() + timedelta(days=settings.BATCH_DAYS + 1))

    assert Export.objects.count() == 0

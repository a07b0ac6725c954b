"""Files of imports in a folder of their own, and an import run as the worker does."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from apps.imports.models import ImportJob
from apps.imports.writing import running


@pytest.fixture(autouse=True)
def _files(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    settings.DISK_RESERVE_BYTES = 0


@pytest.fixture
def upload(api):
    """Upload a file, given as text or bytes, and return the answer."""

    def uploaded(user, content, project=None, name="tasks.csv", **fields):
        data = content if isinstance(content, bytes) else content.encode()
        body = {"file": SimpleUploadedFile(name, data), "project": project.pk if project else "", **fields}
        return api(user).post("/api/imports/", body, format="multipart")

    return uploaded


@pytest.fixture
def imported(api, upload):
    """Upload a file, map what `mapping` says, run it, and return the import's JSON."""

    def made(user, content, project=None, *, mapping=None, dry_run=False, name="tasks.csv", **options):
        response = upload(user, content, project, name=name)
        assert response.status_code == 201, response.content
        url = f"/api/imports/{response.json()['id']}/"
        if mapping or options:
            response = api(user).patch(url, {**({"mapping": mapping} if mapping else {}), **options})
            assert response.status_code == 200, response.content
        response = api(user).post(f"{url}run/", {"dry_run": dry_run})
        assert response.status_code == 202, response.content
        running.run_due()
        return api(user).get(url).json()

    return made


@pytest.fixture
def run_anyhow(api):
    """Run an analysed import with every status as to do and ISO dates, and return its JSON."""

    def run(user, job):
        url = f"/api/imports/{job['id']}/"
        words = dict.fromkeys(job["mapping"]["statuses"], "todo")
        assert api(user).patch(url, {"mapping": {"statuses": words, "dates": {"order": "iso"}}}).status_code == 200
        assert api(user).post(f"{url}run/", {}).status_code == 202
        running.run_due()
        return api(user).get(url).json()

    return run


@pytest.fixture
def results(api):
    """Return the rows of an import as the API shows them."""

    def shown(user, job, **query):
        return api(user).get(f"/api/imports/{job['id']}/results/", query).json()["results"]

    return shown


def stored(job):
    """Return the row of an import's JSON."""
    return ImportJob.objects.get(pk=job["id"])

"""Files of exports in a folder of their own, and what is in them."""

from __future__ import annotations

import io
import json
import zipfile

import pytest

from apps.exports import services


@pytest.fixture(autouse=True)
def _files(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    settings.DISK_RESERVE_BYTES = 0


@pytest.fixture
def ask(api):
    """Ask for an export and return its JSON."""

    def asked(user, **body):
        response = api(user).post("/api/exports/", body)
        assert response.status_code == 202, response.content
        return response.json()

    return asked


@pytest.fixture
def export_of(api, ask):
    """Ask for an export, have it built, download it and return its archive."""

    def made(user, **body):
        pk = ask(user, **body)["id"]
        services.build_due()
        response = api(user).get(f"/api/exports/{pk}/download/")
        assert response.status_code == 200, response.content
        return zipfile.ZipFile(io.BytesIO(response.getvalue()))

    return made


def rows(archive, name):
    """Return the rows of one file of an archive."""
    return [json.loads(line) for line in archive.read(f"{name}.ndjson").decode().splitlines()]

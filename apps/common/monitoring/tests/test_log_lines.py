"""What stands in the log about a request: one line for each thing."""

from __future__ import annotations

import io
import logging

import pytest


@pytest.fixture
def log():
    """What the configured handler writes."""
    handler = next(h for h in logging.getLogger().handlers if type(h) is logging.StreamHandler)
    written = io.StringIO()
    before = handler.setStream(written)
    yield written
    handler.setStream(before)


@pytest.mark.django_db
def test_a_path_cannot_forge_a_line(client, log):
    client.get("/media/avatars/1%0aERROR forged.png")

    assert "forged" in log.getvalue()
    assert not any(line.startswith("ERROR") for line in log.getvalue().splitlines())

"""The stream process's own settings: open files, priority, and which code a worker has after a reload."""

from __future__ import annotations

import os
import resource
import sys
from types import SimpleNamespace

import pytest

from config import gunicorn_stream


@pytest.fixture
def limits(monkeypatch):
    """Return the limits of open files and the priority, as the system would keep them."""
    found = SimpleNamespace(now=(1_024, 524_288), niceness=0)
    monkeypatch.setattr(os, "nice", lambda more: setattr(found, "niceness", found.niceness + more))
    monkeypatch.setattr(resource, "getrlimit", lambda _: found.now)
    monkeypatch.setattr(resource, "setrlimit", lambda _, limits: setattr(found, "now", limits))
    return found


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ((1_024, 524_288), (1_256, 524_288)),  # systemd
        ((256, resource.RLIM_INFINITY), (1_256, resource.RLIM_INFINITY)),  # macOS
        ((1_024, 1_100), (1_100, 1_100)),
        ((16_384, 16_384), (16_384, 16_384)),
        ((resource.RLIM_INFINITY, resource.RLIM_INFINITY), (resource.RLIM_INFINITY, resource.RLIM_INFINITY)),
    ],
)
def test_the_process_may_open_a_file_for_each_of_its_streams(limits, before, after):
    limits.now = before

    gunicorn_stream.raise_file_limit(1_000)

    assert limits.now == after


def test_a_worker_gives_way_to_others_and_imports_the_code_that_is_there_after_a_reload(limits, monkeypatch):
    modules = dict.fromkeys(["apps", "apps.common.monitoring.logs", "config.stopping", "appserver", "gunicorn", "json"])
    monkeypatch.setattr(gunicorn_stream, "sys", SimpleNamespace(modules=modules))

    gunicorn_stream.post_fork(None, None)

    assert limits.niceness > 0  # requests come first
    assert set(modules) == {"appserver", "gunicorn", "json"}
    assert "config.gunicorn_stream" in sys.modules

"""A process that serves goes on with its own templates while an upgrade replaces the files."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from django.conf import settings
from django.template import Engine
from django.template.loaders import cached

from apps.common.web.templates_ahead import compile_templates

# How the process is started, then: nothing may read the files of templates any more.
SCRIPT = """
from unittest.mock import patch
{start}
from django.template import Engine
from django.template.loaders.filesystem import Loader
with patch.object(Loader, "get_contents", side_effect=AssertionError("read from the disk")):
    for name in ("web/tasks/board.html", "notifications/mail.html", "common/page.html"):
        try:
            Engine.get_default().get_template(name)
        except AssertionError:
            print("reads", name)
"""
WEB = "import config.wsgi"
WORKER = """
from celery import signals
from config.celery import app
app.loader.init_worker()
signals.worker_init.send(sender=None)
"""


def test_all_templates_are_in_the_cache(monkeypatch):
    loader = Engine.get_default().template_loaders[0]
    assert isinstance(loader, cached.Loader)
    loader.reset()

    count = compile_templates()

    files = [path for path in settings.BASE_DIR.glob("apps/**/templates/**/*.*") if path.is_file()]
    assert count == len(files) > 50
    assert len(loader.get_template_cache) >= count


@pytest.mark.parametrize("start", [WEB, WORKER], ids=["web", "worker"])
def test_web_and_worker_read_no_template_once_they_serve(start):
    env = os.environ | {"DJANGO_SETTINGS_MODULE": "config.settings", "PROCESS": ""}
    command = [sys.executable, "-c", SCRIPT.format(start=start)]
    done = subprocess.run(command, cwd=settings.BASE_DIR, env=env, capture_output=True, text=True, check=False)

    assert (done.returncode, done.stdout) == (0, ""), done.stderr

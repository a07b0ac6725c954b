"""What the image installs is enough to start every process of the house."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
IMPORTS = """
import gunicorn.workers.gthread, kombu.transport.redis
import config.wsgi
from config.celery import app
app.loader.import_default_modules()
print(len(app.tasks), "jobs")
"""


@pytest.mark.slow
def test_the_locked_requirements_start_web_worker_and_beat(tmp_path):
    python = tmp_path / "venv" / "bin" / "python"
    began = time.monotonic()
    subprocess.run([sys.executable, "-m", "venv", tmp_path / "venv"], check=True)
    install = ["-m", "pip", "install", "--quiet", "--require-hashes", "--only-binary", ":all:"]
    subprocess.run([python, *install, "-r", ROOT / "requirements.txt"], check=True)
    seconds = time.monotonic() - began

    env = {name: value for name, value in os.environ.items() if not name.startswith("DJANGO")}
    env |= {"ENVIRONMENT": "local", "SECRET_KEY": "s" * 50, "STATIC_ROOT": str(tmp_path)}
    done = subprocess.run([python, "-c", IMPORTS], cwd=ROOT, env=env, capture_output=True, text=True, check=False)

    print(f"installed in {seconds:.0f} s; {done.stdout.strip()}")
    assert done.returncode == 0, done.stderr

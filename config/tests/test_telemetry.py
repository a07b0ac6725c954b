"""Sentry and OpenTelemetry are imported only where the environment names their addresses."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from config import telemetry

ROOT = Path(__file__).resolve().parents[2]


def test_neither_is_imported_by_default():
    code = (
        "import sys, config.wsgi, config.celery;"
        "print([name for name in sys.modules if name.startswith(('sentry_sdk', 'opentelemetry'))])"
    )
    env = {"ENVIRONMENT": "local", "SECRET_KEY": "s" * 50, "JWT_SIGNING_KEY": "j" * 50, "STATIC_ROOT": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code], cwd=ROOT, env=env, capture_output=True, text=True, check=False
    )

    assert (done.stdout.strip(), done.returncode) == ("[]", 0), done.stderr


@pytest.mark.parametrize("name", ["SENTRY_DSN", "OTEL_EXPORTER_OTLP_ENDPOINT"])
def test_a_configured_one_is_started(settings, monkeypatch, name):
    started = []
    monkeypatch.setattr(telemetry, "_start_sentry", lambda: started.append("SENTRY_DSN"))
    monkeypatch.setattr(telemetry, "_start_opentelemetry", lambda: started.append("OTEL_EXPORTER_OTLP_ENDPOINT"))
    setattr(settings, name, "http://127.0.0.1:4318/1")

    telemetry.start()

    assert started == [name]

"""Sentry and OpenTelemetry are imported only where the environment names their addresses."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from config import telemetry

ROOT = Path(__file__).resolve().parents[2]


def run(code: str, **settings: str) -> subprocess.CompletedProcess[str]:
    """Run Python code in a process of its own, with no environment but this."""
    env = {"ENVIRONMENT": "local", "SECRET_KEY": "s" * 50, "JWT_SIGNING_KEY": "j" * 50, "STATIC_ROOT": str(ROOT)}
    argv = [sys.executable, "-W", "ignore", "-c", code]
    return subprocess.run(argv, cwd=ROOT, env=env | settings, capture_output=True, text=True, check=False)


def test_neither_is_imported_by_default():
    names = "[name for name in sys.modules if name.startswith(('sentry_sdk', 'opentelemetry'))]"
    done = run(f"import sys, config.wsgi, config.celery; print({names})")

    assert (done.stdout.strip(), done.returncode) == ("[]", 0), done.stderr


@pytest.mark.parametrize(
    ("name", "package"), [("SENTRY_DSN", "sentry_sdk"), ("OTEL_EXPORTER_OTLP_ENDPOINT", "opentelemetry")]
)
def test_a_web_process_starts_what_is_configured(name, package):
    # A stand-in that says it was asked for: the development requirements do not bring the package.
    stand_in = f"import sys; sys.modules[{package!r}] = None; import config.wsgi"
    done = run(stand_in, **{name: "http://127.0.0.1:4318/1"})

    assert done.returncode == 1
    assert f"import of {package}" in done.stderr


@pytest.mark.parametrize("name", ["SENTRY_DSN", "OTEL_EXPORTER_OTLP_ENDPOINT"])
def test_a_configured_one_is_started(settings, monkeypatch, name):
    started = []
    monkeypatch.setattr(telemetry, "_start_sentry", lambda: started.append("SENTRY_DSN"))
    monkeypatch.setattr(telemetry, "_start_opentelemetry", lambda: started.append("OTEL_EXPORTER_OTLP_ENDPOINT"))
    setattr(settings, name, "http://127.0.0.1:4318/1")

    telemetry.start()

    assert started == [name]

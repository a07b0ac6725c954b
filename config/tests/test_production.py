"""A production start rejects what is unsafe, naming the variable to fix."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
KEY = "kX9-vQ2_mT7pR4wZ8sL1nB6cJ3hF5gD0yA-uE_iOqWxV"
SAFE = {
    "PATH": os.environ["PATH"],
    "ENVIRONMENT": "production",
    "SECRET_KEY": KEY + "-session-and-csrf",
    "JWT_SIGNING_KEY": KEY[::-1] + "-tokens",
    "FIELD_KEYS": "-q5bipfmZDYhwIPOi1WeGns6iK0yTjTa3bswzspTzMg=,IRG2FzMmsQflZcPj7sbocRUHjPDCy8Vwx3ZejT_rmEE=",
    "ALLOWED_HOSTS": "tasks.company.com",
    "PUBLIC_URL": "https://tasks.company.com",
    "NUM_PROXIES": "1",
    "DATABASE_URL": "postgresql://app:gB7-xQ2_kT9pR4wZ8s@db:5432/app",
    "REDIS_URL": "redis://:hT5-vN8_mC3qL6xD1j@redis:6379",
    "EMAIL_HOST": "smtp.company.com",
    "DEFAULT_FROM_EMAIL": "tasks@company.com",
    "MEDIA_ROOT": "/srv/media",
    "STATIC_ROOT": "/srv/static",
}
UNSAFE = {
    "no SECRET_KEY": ("SECRET_KEY", {"SECRET_KEY": ""}),
    "short SECRET_KEY": ("SECRET_KEY", {"SECRET_KEY": "kX9-vQ2_mT7p"}),
    "sample SECRET_KEY": ("SECRET_KEY", {"SECRET_KEY": "django-insecure-" + KEY}),
    "SECRET_KEY of one letter": ("SECRET_KEY", {"SECRET_KEY": "a" * 60}),
    "no JWT_SIGNING_KEY": ("JWT_SIGNING_KEY", {"JWT_SIGNING_KEY": ""}),
    "short JWT_SIGNING_KEY": ("JWT_SIGNING_KEY", {"JWT_SIGNING_KEY": KEY[:31]}),
    "sample JWT_SIGNING_KEY": ("JWT_SIGNING_KEY", {"JWT_SIGNING_KEY": "change-me-" + KEY}),
    "one key for both": ("JWT_SIGNING_KEY", {"JWT_SIGNING_KEY": SAFE["SECRET_KEY"]}),
    "short previous key": ("JWT_PREVIOUS_KEYS", {"JWT_PREVIOUS_KEYS": "0:short"}),
    "SECRET_KEY as a previous key": ("JWT_PREVIOUS_KEYS", {"JWT_PREVIOUS_KEYS": "0:" + SAFE["SECRET_KEY"]}),
    "a FIELD_KEYS that is no key": ("FIELD_KEYS", {"FIELD_KEYS": SAFE["FIELD_KEYS"] + ",short"}),
    "sample FIELD_KEYS": ("FIELD_KEYS", {"FIELD_KEYS": "ZGV2ZWxvcG1lbnQtb25seS1ub3QtYS1zZWNyZXQtYXQ="}),
    "FIELD_KEYS of one letter": ("FIELD_KEYS", {"FIELD_KEYS": "A" * 43 + "="}),
    "DEBUG": ("DEBUG", {"DEBUG": "true"}),
    "no host": ("ALLOWED_HOSTS", {"ALLOWED_HOSTS": ""}),
    "any host": ("ALLOWED_HOSTS", {"ALLOWED_HOSTS": "*"}),
    "any host among others": ("ALLOWED_HOSTS", {"ALLOWED_HOSTS": "tasks.company.com,*"}),
    "no NUM_PROXIES": ("NUM_PROXIES", {"NUM_PROXIES": None}),
    "negative NUM_PROXIES": ("NUM_PROXIES", {"NUM_PROXIES": "-1"}),
    "any origin": ("CORS_ALLOWED_ORIGINS", {"CORS_ALLOWED_ORIGINS": "*"}),
    "no PUBLIC_URL": ("PUBLIC_URL", {"PUBLIC_URL": ""}),
    "plain http": ("PUBLIC_URL", {"PUBLIC_URL": "http://tasks.company.com"}),
    "default database password": ("POSTGRES_PASSWORD", {"DATABASE_URL": "postgresql://app:postgres@db/app"}),
    "no database password": ("POSTGRES_PASSWORD", {"DATABASE_URL": "postgresql://app@db/app"}),
    "default mail password": (
        "EMAIL_HOST_PASSWORD",
        {"EMAIL_HOST_USER": "tasks", "EMAIL_HOST_PASSWORD": "changeme"},
    ),
    "no sender": ("DEFAULT_FROM_EMAIL", {"DEFAULT_FROM_EMAIL": "Tasks"}),
    "a sender without domain": ("DEFAULT_FROM_EMAIL", {"DEFAULT_FROM_EMAIL": "Tasks <tasks>"}),
    "a sender whose domain is none": ("DEFAULT_FROM_EMAIL", {"DEFAULT_FROM_EMAIL": "tasks@xn--a.example"}),
    "an EHLO name with a blank": ("EMAIL_EHLO_NAME", {"EMAIL_EHLO_NAME": "my host"}),
    "default Redis password": ("REDIS_URL", {"REDIS_URL": "redis://:password@redis:6379"}),
    "uploads under the static files": ("MEDIA_ROOT", {"MEDIA_ROOT": "/srv/static/media"}),
    "static files under the uploads": ("STATIC_ROOT", {"STATIC_ROOT": "/srv/media/static"}),
    "short METRICS_TOKEN": ("METRICS_TOKEN", {"METRICS_TOKEN": "metrics"}),
    "an armed fault point": ("FAULT_POINT", {"FAULT_POINT": "tasks.create"}),
}


def start(changes: dict[str, str | None], *words: str) -> subprocess.CompletedProcess[str]:
    """Run the interpreter with the safe environment and some changes."""
    env = {name: value for name, value in (SAFE | changes).items() if value is not None}
    return subprocess.run([sys.executable, *words], cwd=ROOT, env=env, capture_output=True, text=True, check=False)


def settings_under(changes):
    return start(changes, "-c", "import config.settings")


def test_safe_settings_start():
    done = settings_under({})

    assert done.returncode == 0, done.stderr


def test_a_database_over_a_socket_needs_no_password():
    done = settings_under({"DATABASE_URL": "postgresql://app@%2Frun%2Fpg/app", "REDIS_URL": "unix:///run/redis.sock"})

    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(("variable", "changes"), UNSAFE.values(), ids=UNSAFE)
def test_an_unsafe_setting_is_rejected_by_name(variable, changes):
    done = settings_under(changes)

    assert done.returncode != 0
    assert "Refusing to start in production" in done.stderr
    assert f"\n  {variable} " in done.stderr
    for secret in (SAFE["SECRET_KEY"], SAFE["JWT_SIGNING_KEY"], "gB7-xQ2_kT9pR4wZ8s"):
        assert secret not in done.stderr.rpartition("Refusing to start")[2]


def test_all_unsafe_settings_are_told_at_once():
    done = settings_under({"SECRET_KEY": "", "ALLOWED_HOSTS": "*", "NUM_PROXIES": None})

    named = [line.split()[0] for line in done.stderr.rpartition("Refusing to start")[2].splitlines()[1:]]
    print(f"unsafe production settings: {len(UNSAFE)} of {len(UNSAFE)} rejected")
    assert named == ["SECRET_KEY", "ALLOWED_HOSTS", "NUM_PROXIES"]


def test_the_deployment_check_has_nothing_to_say():
    done = start({}, "-W", "ignore", "manage.py", "check", "--deploy", "--fail-level", "WARNING")

    assert (done.returncode, done.stderr) == (0, "")
    assert "no issues" in done.stdout

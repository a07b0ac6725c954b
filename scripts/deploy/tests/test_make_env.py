"""`scripts/make-env` writes an .env from which production starts, once, for its owner alone."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys

import pytest

from config import env_file
from scripts.deploy.tests import compose

ROOT = compose.ROOT
REQUIRED = {"SECRET_KEY", "JWT_SIGNING_KEY", "POSTGRES_PASSWORD", "REDIS_PASSWORD"}
SECRETS = REQUIRED | {"FIELD_KEYS", "METRICS_TOKEN"}
UNSAFE = """
import json
from config.production import unsafe
from config import settings
print(json.dumps(list(unsafe(vars(settings)))))
"""


@pytest.fixture
def checkout(tmp_path):
    """The files that make-env works with, and nothing else of the project."""
    (tmp_path / "scripts").mkdir()
    (tmp_path / "config").mkdir()
    for name in ("scripts/make-env", "config/env_file.py", ".env.sample"):
        shutil.copy(ROOT / name, tmp_path / name)
    return tmp_path


def make(checkout, *words):
    argv = [sys.executable, "-I", checkout / "scripts/make-env", *words]
    return subprocess.run(argv, cwd="/", env={}, capture_output=True, text=True, check=False)


def settings_of(checkout):
    return env_file.read(checkout / ".env")[0]


@pytest.mark.parametrize("words", [(), ("--site", "tasks.example.com")])
def test_production_has_nothing_to_say_against_what_it_writes(checkout, words):
    assert make(checkout, *words).returncode == 0
    env = compose.environment_of(compose.load(settings_of(checkout))["services"]["web"], settings_of(checkout))

    done = subprocess.run(
        [sys.executable, "-c", UNSAFE], cwd=ROOT, env={**env, "ENV_FILE_READ": "1"}, capture_output=True, text=True
    )

    assert json.loads(done.stdout or "null") == [], done.stderr


def test_every_secret_is_long_new_and_its_own(checkout):
    made = []
    for _ in range(2):
        make(checkout)
        made += [value for name, value in settings_of(checkout).items() if name in SECRETS]
        (checkout / ".env").unlink()

    assert len(made) == len(set(made)) == 12
    assert all(re.fullmatch(r"[A-Za-z0-9_-]{43,}=?", value) for value in made)


def test_no_secret_is_printed(checkout):
    said = make(checkout).stdout + make(checkout, "--check").stdout

    assert not [name for name, value in settings_of(checkout).items() if name in SECRETS and value in said]


def test_only_the_owner_reads_it_whatever_the_umask_says(checkout):
    before = os.umask(0)
    try:
        make(checkout)
    finally:
        os.umask(before)

    assert (checkout / ".env").stat().st_mode & 0o777 == 0o600
    assert {path.name for path in checkout.glob(".env*")} == {".env.sample", ".env"}


@pytest.mark.parametrize("kind", ["file", "empty", "dangling link"])
def test_what_is_there_stays_as_it_is(checkout, kind):
    target = checkout / ".env"
    if kind == "dangling link":
        target.symlink_to(checkout / "elsewhere")
    else:
        target.write_text("SECRET_KEY=mine\n" if kind == "file" else "")
    before = target.read_text() if target.exists() else None

    done = make(checkout)

    assert done.returncode != 0
    assert "left as it is" in done.stderr
    assert (target.read_text() if target.exists() else None) == before
    assert not (checkout / "elsewhere").exists()
    assert len(list(checkout.glob(".env*"))) == 2


@pytest.mark.parametrize(
    ("words", "left"),
    [
        ((), {"ALLOWED_HOSTS", "PUBLIC_URL", "EMAIL_HOST", "DEFAULT_FROM_EMAIL", "HTTPS"}),
        (("--site", "a.b"), {"EMAIL_HOST"}),
    ],
)
def test_it_says_what_is_left_to_fill_in(checkout, words, left):
    said = make(checkout, *words).stdout

    assert left <= set(re.findall(r"[A-Z_]{4,}", said))


def test_every_required_setting_is_made_or_filled_in(checkout):
    make(checkout)
    required = re.findall(r"REQUIRED.*\n(?:#.*\n)*?([A-Z_]+)=", (ROOT / ".env.sample").read_text())

    assert set(required) >= REQUIRED
    assert [name for name in required if not settings_of(checkout).get(name)] == []
    assert make(checkout, "--check").returncode == 0


@pytest.mark.parametrize("host", ["", "a b", "https://a.b", "a.b/c", "a..b", "-a.b", "a.b.", "a_b;c"])
def test_what_is_no_host_is_rejected(checkout, host):
    done = make(checkout, "--site", host)

    assert done.returncode == 2
    assert not (checkout / ".env").exists()


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("EMAIL_HOST=mail", "EMAIL_HOST=", "EMAIL_HOST is to be filled in"),
        ("EMAIL_HOST=mail", "EMAIL_HOST=ma$il", "EMAIL_HOST: Docker Compose"),
        ("EMAIL_HOST=mail", "EMAIL_HOST='mail'", "EMAIL_HOST: Docker Compose"),
        ("EMAIL_HOST=mail", "EMAIL_HOST=mail # ours", "EMAIL_HOST has a #"),
        ("EMAIL_HOST=mail", "EMAIL HOST=s3cret", "is not NAME=value"),
    ],
)
def test_the_check_names_what_is_missing_or_read_otherwise_and_no_value(checkout, old, new, said):
    make(checkout)
    path = checkout / ".env"
    path.write_text(path.read_text().replace(old, new))

    done = make(checkout, "--check")

    assert done.returncode == 1
    assert said in done.stdout
    assert "s3cret" not in done.stdout
    assert "ma$il" not in done.stdout


def test_the_check_of_no_file_says_how_to_make_one(checkout):
    done = make(checkout, "--check")

    assert done.returncode == 1
    assert "make-env" in done.stderr


@pytest.mark.parametrize("page", ["README.md", "docs/deployment.md", ".env.sample"])
def test_the_pages_name_it(page):
    assert "./scripts/make-env" in (ROOT / page).read_text()
    assert os.access(ROOT / "scripts/make-env", os.X_OK)

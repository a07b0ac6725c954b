"""Backup and restore find their database as the application does: in the environment, or in the checkout's .env."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path
from urllib.parse import quote

import pytest
from psycopg import sql

from scripts.deploy.tests import compose
from scripts.local import wheels
from scripts.local.stack import Stack

pytestmark = [pytest.mark.stack]

ROOT = compose.ROOT
# FIRST-HOUR D7: a shell would have run, cut off or expanded these
PASSWORDS = [
    "pa ss",
    "abcd efgh ijkl mnop",
    "pa$s$HOME$(touch ran)",
    "a&touch ran;b",
    "a<b>c|d",
    "back\\slash\\",
    "`touch ran`",
    'it\'s "quoted"',
    "'whole'",
    '"whole"',
    "a #b",
    "*?[x]~!%41",
]
TABLES = """
CREATE TABLE tasks_attachment (sha256 text, storage_name text, state text);
CREATE TABLE notifications_hold (reason text);
CREATE TABLE common_installation (id int, epoch uuid);
INSERT INTO common_installation VALUES (1, '00000000-0000-4000-8000-000000000001');
CREATE TABLE "Odd name" (x int);
INSERT INTO "Odd name" VALUES (1);
"""


@pytest.fixture(scope="module")
def stack(tmp_path_factory):
    with Stack(tmp_path_factory.mktemp("stack"), durable=False, valkey=False) as found:
        yield found


@pytest.fixture
def checkout(tmp_path, stack):
    """A checkout with its scripts, and a database with the tables that backup and restore know by name."""
    (tmp_path / "scripts" / "deploy").mkdir(parents=True)
    (tmp_path / "config").mkdir()
    for name in (
        "scripts/backup",
        "scripts/restore",
        "scripts/help.sh",
        "scripts/deploy/connection.sh",
        "config/env_file.py",
    ):
        shutil.copy(ROOT / name, tmp_path / name)
    for name in ("media", "backups"):
        (tmp_path / name).mkdir()
    make_database(stack, "source")
    with stack.postgres.connect(dbname="source") as connection:
        connection.execute(TABLES)
    return tmp_path


def make_database(stack, name):
    with stack.postgres.connect() as connection:
        connection.execute(sql.SQL("DROP DATABASE IF EXISTS {}").format(sql.Identifier(name)))
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))


def set_password(stack, password):
    with stack.postgres.connect(user="postgres", dbname="postgres") as connection:
        statement = "ALTER ROLE taskhouse PASSWORD {}"
        connection.execute(sql.SQL(statement).format(sql.Literal(password)))


def write_env(checkout, stack, **values):
    known = {**stack.postgres.env(), "POSTGRES_DB": "source", "MEDIA_ROOT": checkout / "media"} | values
    (checkout / ".env").write_text("".join(f"{name}={value}\n" for name, value in known.items() if value is not None))


def run(checkout, stack, script, *words, **env):
    path = f"{wheels.postgres_binaries(stack.places)}:{Path(sys.executable).parent}:{os.environ['PATH']}"
    return subprocess.run(
        [checkout / "scripts" / script, *words],
        cwd=checkout,
        env={"PATH": path, "BACKUP_DIR": str(checkout / "backups"), **env},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def password(stack):
    """Restore the password of the role afterwards."""
    yield lambda text: set_password(stack, text)
    set_password(stack, stack.postgres.env()["POSTGRES_PASSWORD"])


@pytest.mark.parametrize("text", PASSWORDS)
def test_a_password_in_the_file_is_taken_as_it_stands(checkout, stack, password, text):
    password(text)
    write_env(checkout, stack, POSTGRES_PASSWORD=text)

    done = run(checkout, stack, "backup")

    assert done.returncode == 0, done.stderr
    assert text not in done.stdout + done.stderr
    assert not (checkout / "ran").exists()
    assert (Path(done.stdout.strip()) / "rows.txt").read_text().count("\n") == 4


@pytest.mark.parametrize("text", PASSWORDS)
def test_a_password_in_a_url_is_decoded_and_no_more(checkout, stack, password, text):
    password(text)
    host = quote(stack.postgres.env()["POSTGRES_HOST"], safe="")
    # Only what has a meaning in a URL needs to be encoded.
    login = "taskhouse:" + quote(text, safe=" $`;&<>|!*'()\"\\")
    url = f"postgresql://{login}@{host}:5432/source"
    write_env(checkout, stack, DATABASE_URL=url, POSTGRES_HOST=None, POSTGRES_PASSWORD="another", POSTGRES_DB=None)

    done = run(checkout, stack, "backup")

    assert done.returncode == 0, done.stderr
    assert not (checkout / "ran").exists()


def test_the_environment_wins_over_the_file(checkout, stack):
    write_env(checkout, stack, POSTGRES_PASSWORD="wrong", POSTGRES_DB="nowhere")
    known = {**stack.postgres.env(), "POSTGRES_DB": "source"}

    assert run(checkout, stack, "backup", **known).returncode == 0


def test_libpqs_own_variables_win_over_the_file(checkout, stack):
    write_env(checkout, stack, POSTGRES_PASSWORD="wrong", POSTGRES_DB="nowhere")
    known = stack.postgres.env()
    libpq = {"PGHOST": known["POSTGRES_HOST"], "PGUSER": "taskhouse", "PGPASSWORD": known["POSTGRES_PASSWORD"]}

    done = run(checkout, stack, "backup", PGDATABASE="source", **libpq)

    assert done.returncode == 0, done.stderr


def test_the_defaults_are_those_of_the_settings(checkout, stack):
    """A file that names a password alone leads to 127.0.0.1, database and role taskhouse."""
    (checkout / ".env").write_text(f"POSTGRES_PASSWORD=x\nPOSTGRES_PORT=1\nMEDIA_ROOT={checkout / 'media'}\n")

    said = run(checkout, stack, "backup").stderr

    assert '"127.0.0.1", port 1 failed' in said


# An installation without attachments, too: that one could not be restored at all.
@pytest.mark.parametrize("files", [0, 2])
def test_restore_reads_the_file_too_and_asks_only_our_tables_for_statistics(checkout, stack, password, files):
    make_database(stack, "target")
    with stack.postgres.connect(dbname="source") as connection:
        for name in map(str, range(files)):
            (checkout / "media" / name).write_text(name)
            row = [hashlib.sha256(name.encode()).hexdigest(), name]
            connection.execute("INSERT INTO tasks_attachment VALUES (%s, %s, 'ready')", row)
    password("pa $s'")
    write_env(checkout, stack, POSTGRES_PASSWORD="pa $s'")
    made = run(checkout, stack, "backup").stdout.strip()
    shutil.rmtree(checkout / "media")
    (checkout / "media").mkdir()
    write_env(checkout, stack, POSTGRES_PASSWORD="pa $s'", POSTGRES_DB="target")

    done = run(checkout, stack, "restore", made)

    assert done.returncode == 0, done.stderr
    # FIRST-HOUR, part 4: eleven times `WARNING: permission denied to analyze "pg_authid"`
    assert done.stderr == ""
    assert len(list((checkout / "media").iterdir())) == files
    set_password(stack, stack.postgres.env()["POSTGRES_PASSWORD"])
    with stack.postgres.connect(dbname="target") as connection:
        analyzed = connection.execute("SELECT relname FROM pg_stat_user_tables WHERE last_analyze IS NOT NULL")
        ours = {"tasks_attachment", "notifications_hold", "common_installation", "Odd name"}
        assert {name for (name,) in analyzed} == ours


def test_the_unit_of_the_backup_needs_no_file_read_by_systemd():
    unit = (ROOT / "scripts/deploy/systemd/taskhouse-backup.service").read_text()

    assert "\nEnvironmentFile=" not in unit
    assert "\nExecStart=/opt/taskhouse/scripts/backup\n" in unit

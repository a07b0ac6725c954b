"""The PostgreSQL data directory: made once, checked at every start, with our role and database in it."""

import os
import re
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from scripts.local.places import NAME, Places, secret
from scripts.local.processes import LINUX, StackError, die_with_parent

SUPERUSER = "postgres"
# In the plain C locale text search and trigrams lose every letter beyond ASCII.
LOCALE = (
    "--encoding=UTF8",
    "--locale=C",
    "--lc-ctype=C.UTF-8" if LINUX else "--lc-ctype=en_US.UTF-8",
    "--locale-provider=builtin",
    "--builtin-locale=C.UTF-8",
)


def environment() -> dict[str, str]:
    """Return our variables without those that would steer libpq or the locale."""
    return {name: value for name, value in os.environ.items() if not name.startswith(("PG", "LC_", "LANG"))}


def ensure(places: Places, binaries: Path, *, durable: bool) -> None:
    """Make the data directory if it is missing; reject one of another major version.

    It is made under another name and renamed when it is whole, so that being killed leaves nothing half made.
    """
    if places.database.exists():
        _require_same_version(places, binaries)
        return
    for abandoned in places.data.glob(f"{places.database.name}.new-*"):
        shutil.rmtree(abandoned, ignore_errors=True)
    fresh = Path(tempfile.mkdtemp(prefix=f"{places.database.name}.new-", dir=places.data))
    os.chown(fresh, places.identity.uid, places.identity.gid)
    _initialise(fresh, places, binaries, durable=durable)
    fresh.rename(places.database)


def _initialise(target: Path, places: Places, binaries: Path, *, durable: bool) -> None:
    with tempfile.NamedTemporaryFile("w", dir=places.database_socket) as password:
        password.write(secret(places.home, "POSTGRES_PASSWORD"))
        password.flush()
        os.chown(password.name, places.identity.uid, places.identity.gid)
        command: list[str | Path] = [binaries / "initdb", "-D", target, "-U", SUPERUSER, "--pwfile", password.name]
        command += ["--auth=scram-sha-256", *LOCALE, *([] if durable else ["--no-sync"])]
        done = _run(command, preexec_fn=die_with_parent(signal.SIGKILL), **places.identity.popen())
    if done.returncode:
        raise StackError(f"initdb failed:\n{done.stdout}{done.stderr}")


def _run(command: Sequence[str | Path], **more: Any) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, env=environment(), cwd="/", capture_output=True, text=True, check=False, **more)


def _require_same_version(places: Places, binaries: Path) -> None:
    try:
        have = (places.database / "PG_VERSION").read_text().strip()
    except FileNotFoundError:
        raise StackError(f"{places.database} is no PostgreSQL data directory: move it away") from None
    ours = re.findall(r"\d+", _run([binaries / "postgres", "--version"]).stdout)[0]
    if have != ours:
        raise StackError(
            f"{places.database} was made by PostgreSQL {have} and this is {ours}: dump it with the old "
            f"version, or remove {places.home} to start anew"
        )


def ensure_database(connection: psycopg.Connection, *, password: str, for_tests: bool) -> None:
    """Make role and database, each only if missing: a start may have been killed in between.

    For tests the role may make others and act as them.
    """
    if not connection.execute("select 1 from pg_roles where rolname = %s", [NAME]).fetchone():
        statement = sql.SQL("create role {} login createdb password {}")
        connection.execute(statement.format(sql.Identifier(NAME), sql.Literal(password)))
    if for_tests:
        connection.execute(sql.SQL("alter role {} createrole").format(sql.Identifier(NAME)))
        statement = sql.SQL("alter role {} set createrole_self_grant = 'set, inherit'")
        connection.execute(statement.format(sql.Identifier(NAME)))
    if not connection.execute("select 1 from pg_database where datname = %s", [NAME]).fetchone():
        statement = sql.SQL("create database {} owner {}")
        connection.execute(statement.format(sql.Identifier(NAME), sql.Identifier(NAME)))

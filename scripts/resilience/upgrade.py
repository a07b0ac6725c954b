"""Migrates a former version's database under traffic, then takes over from it: no request may fail."""

from __future__ import annotations

import argparse
import random
import subprocess
import sys
import tarfile
import threading
import time
import venv
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg

from scripts.local.environment import ROOT
from scripts.local.processes import StackError
from scripts.resilience.installation import PRESENT, Code, Installation
from scripts.resilience.traffic import Account, Client

PASSWORD = "a-password-for-measuring"
LONGEST_WAIT = 2.0  # seconds that a migration may keep others waiting (contract M1)
FILL = """
import sys, django, psycopg
django.setup()
from django.contrib.auth.hashers import make_password
from scripts.bench.fill import Size, fill
tasks = int(sys.argv[1])
large = tasks >= 200_000
projects = (tasks - 100_000 * large) // 5_000
size = Size(projects=projects, users=max(100, projects * 5), large=large)
with psycopg.connect(sys.argv[3]) as connection:
    fill(connection, size, password=make_password(sys.argv[2]))
"""
WAITS = """
SELECT coalesce(max(extract(epoch FROM clock_timestamp() - waitstart)), 0)
FROM pg_locks JOIN pg_stat_activity USING (pid)
WHERE NOT granted AND application_name <> 'taskhouse-command'
"""
HOLES = """
SELECT count(*) FROM (
    SELECT project_id FROM projects_activity GROUP BY project_id HAVING max(seq) <> count(*)
) projects
"""


def arguments(parser: argparse.ArgumentParser) -> None:
    """Name the options."""
    parser.add_argument("--former", required=True, metavar="COMMIT", help="the version that serves before")
    parser.add_argument("--tasks", type=int, default=100_000)
    parser.add_argument("--threads", type=int, default=4, help="of traffic")


@dataclass
class Watch:
    """Looks every 20 ms for how long somebody has been waiting for a lock, the migration itself left out."""

    dsn: str
    longest: float = 0.0
    over: threading.Event = field(default_factory=threading.Event)

    def threads(self) -> list[threading.Thread]:
        """Return what looks until `over` is set."""
        return [threading.Thread(target=self._work, daemon=True)]

    def _work(self) -> None:
        with psycopg.connect(self.dsn, autocommit=True) as connection:
            while not self.over.wait(0.02):
                row = connection.execute(WAITS).fetchone()
                self.longest = max(self.longest, float(row[0]) if row else 0.0)


def run(options: argparse.Namespace, folder: Path) -> dict[str, Any]:
    """Serve with the former version, migrate, serve on, hand over, and count what failed."""
    former = check_out(options.former, folder.parent / "former")
    with Upgrade(folder, former=former, tasks=options.tasks) as installation:
        installation.start("web-former", code=former)
        installation.wait_for_web(60)
        token = _log_in(installation.url)
        account, watch = Account(), Watch(installation.dsn())
        traffic = Traffic(installation.url, token, account, threads=options.threads, projects=options.tasks // 10_000)
        with running(watch), running(traffic):
            time.sleep(3)
            began = time.monotonic()
            _say("migrate")
            installation.run_manage(PRESENT, "migrate", "--verbosity", "0")
            took = time.monotonic() - began
            watch.over.set()
            time.sleep(5)  # the former version on the new schema
            _say("hand over")
            installation.start("web-present")
            installation.wait_until_serving("web-present")
            installation.end("web-former")
            time.sleep(5)
        counters = installation.run_manage(PRESENT, "check_counters")
        with psycopg.connect(installation.dsn()) as connection:
            holes = connection.execute(HOLES).fetchone()
    failed = sum(count for status, count in account.statuses.items() if not 200 <= status < 300)
    return {
        "tasks": options.tasks,
        "answers": account.statuses,
        "failed": failed,
        "unexpected": account.unexpected[:5],
        "slowest_answer_seconds": round(account.slowest, 2),
        "migrate_seconds": round(took, 1),
        "longest_wait_for_a_lock_seconds": round(watch.longest, 3),
        "projects_with_holes_in_seq": holes[0] if holes else None,
        "counters": counters.strip().splitlines()[-1:] or "agree",
        "ok": not failed and holes == (0,) and watch.longest <= LONGEST_WAIT,
    }


@contextmanager
def running(work: Watch | Traffic) -> Iterator[None]:
    """Let the threads of `work` run beside the block, and end them whatever happens in it."""
    threads = work.threads()
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        work.over.set()
        for thread in threads:
            thread.join()


def check_out(commit: str, target: Path) -> Code:
    """Put the files of a commit into `target`, with an environment of its own, and return both."""
    archive = target.with_suffix(".tar")
    subprocess.run(["git", "-C", ROOT, "archive", "--output", archive, commit], check=True)
    with tarfile.open(archive) as files:
        files.extractall(target, filter="data")
    _say(f"installing what {commit} needs")
    venv.create(target / ".venv", with_pip=True)
    python = target / ".venv/bin/python"
    wanted = target / "requirements.txt"
    install = [str(python), "-m", "pip", "install", "--quiet", "--require-hashes", "-r", str(wanted)]
    subprocess.run(install, check=True)
    return Code(target, str(python))


class Upgrade(Installation):
    """An installation whose database the former version has made and filled."""

    def __init__(self, folder: Path, *, former: Code, tasks: int) -> None:
        super().__init__(folder)
        self.former, self.tasks = former, tasks

    def prepare(self) -> None:
        """Migrate with the former version's code, and fill with its own benchmark's data."""
        self.run_manage(self.former, "migrate", "--verbosity", "0")
        _say(f"filling {self.tasks:,} tasks")
        self.run(self.former, "-c", FILL, str(self.tasks), PASSWORD, self.dsn())
        with psycopg.connect(self.dsn(), autocommit=True) as connection:
            connection.execute("VACUUM ANALYZE")


class Traffic:
    """Reads and writes of one person in the first projects, without pause; each request is sent once."""

    def __init__(self, url: str, token: str, account: Account, *, threads: int, projects: int) -> None:
        self.url, self.token, self.account = url, token, account
        self.projects = min(projects, 10)
        self.over, self.count = threading.Event(), threads

    def threads(self) -> list[threading.Thread]:
        """Return the callers, who go on until `over` is set."""
        return [threading.Thread(target=self._work, args=(seed,), daemon=True) for seed in range(self.count)]

    def _work(self, seed: int) -> None:
        chance, made = random.Random(seed), []
        while not self.over.is_set():
            project = chance.randint(1, self.projects)
            # A connection for each: one that is kept open may be closed by a server that ends.
            client = Client(self.url, self.token, account=self.account, timeout=30)
            created = client.ask("POST", "/api/tasks/", {"project": project, "title": "Written during an upgrade"})
            if created.status == 201:
                made.append(created.body["id"])
            reads = [f"/api/tasks/?project={project}", "/api/projects/", f"/api/projects/{project}/activity/"]
            for path in reads:
                Client(self.url, self.token, account=self.account, timeout=30).ask("GET", path)
            if made:
                task, status = chance.choice(made), chance.choice(["todo", "review", "done"])
                client = Client(self.url, self.token, account=self.account, timeout=30)
                client.ask("PATCH", f"/api/tasks/{task}/status/", {"status": status})


def _log_in(url: str) -> str:
    answer = Client(url).insist("POST", "/api/auth/login/", {"username": "user1", "password": PASSWORD})
    if answer.status != 200:
        raise StackError(f"POST /api/auth/login/: {answer}")
    token: str = answer.body["access"]
    return token


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)

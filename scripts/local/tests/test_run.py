"""scripts/run and scripts/manage, for real: everything comes up, and goes down with its owner."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from scripts.local import direct, leftovers, processes
from scripts.local.environment import ROOT
from scripts.local.slowness import slowness
from scripts.local.tests.conftest import gone, home_folder

pytestmark = [pytest.mark.stack, pytest.mark.slow]
UP_SECONDS = 300
# FIRST-HOUR D3: whoever sits behind a proxy needs it for pip; nothing here may ask it for our own addresses.
BEHIND_A_DEAD_PROXY = dict.fromkeys(("http_proxy", "HTTP_PROXY", "https_proxy", "all_proxy"), "http://127.0.0.1:9")


class Run:
    """One ./scripts/run with a home and a port of its own."""

    def __init__(self, home: Path, **env: str) -> None:
        self.home = home
        self.env = clean_environment(home) | {"PORT": "0", "DEMO": "0", "STREAM": "0"} | env
        self.said = home.parent / f"said-{time.monotonic_ns()}"
        with self.said.open("wb") as output:
            self.process = subprocess.Popen(command("run"), env=self.env, stdout=output, stderr=output, cwd="/")

    def until(self, text: str, *, seconds: float = UP_SECONDS) -> str:
        """Wait until it has said `text`; return everything it said."""
        came = processes.wait_until(lambda: text in self.output() or self.process.poll() is not None, seconds=seconds)
        assert came, self.output()
        assert text in self.output(), self.output()
        return self.output()

    def output(self) -> str:
        return self.said.read_text()

    def pids(self) -> dict[str, int]:
        """Return the processes that it has recorded."""
        return {name: pid for name, (pid, _mark) in json.loads((self.home / leftovers.FILE).read_text()).items()}

    def url(self) -> str:
        found: str = json.loads((self.home / "owner.json").read_text())["url"]
        return found

    def troubles(self) -> list[str]:
        """Return the lines of the parts' logs that nobody should find there."""
        signs = (" ERROR ", "Traceback", "Logging error")
        lines = [line for log in (self.home / "log").glob("*.log") for line in log.read_text().splitlines()]
        return [line for line in lines if any(sign in line for sign in signs)]

    def end(self, number: signal.Signals = signal.SIGTERM) -> int:
        self.process.send_signal(number)
        return self.process.wait(180)


def command(*words: str) -> list[str]:
    return [sys.executable, "-P", str(ROOT / "scripts/local/__main__.py"), *words]


def clean_environment(home: Path) -> dict[str, str]:
    """Return our environment without what the test run itself set, behind a proxy that answers nobody."""
    ours = (
        "TEST_",
        "DJANGO_",
        "ENVIRONMENT",
        "SECRET_KEY",
        "JWT_",
        "DATABASE_",
        "POSTGRES_",
        "REDIS_",
        "EMAIL_",
        "CI",
        "no_",
        "NO_",
    )
    kept = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    return {**kept, "LOCAL_DIR": str(home), **BEHIND_A_DEAD_PROXY}


def manage(home: Path, *words: str, **more: object) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        command("manage", *words), env=clean_environment(home), capture_output=True, text=True, timeout=600, **more
    )


@pytest.fixture
def runs(folder: Path) -> Iterator[list[Run]]:
    """Runs on one home; those that still run are ended."""
    started: list[Run] = []
    yield started
    for run in started:
        _finish(run)


@pytest.fixture(scope="module")
def shared() -> Iterator[Run]:
    """A run that is up, for tests that leave it so."""
    with home_folder() as home:
        run = Run(home, STREAM="1")
        try:
            run.until("Ready after")
            yield run
        finally:
            _finish(run)


def _finish(run: Run) -> None:
    if run.process.poll() is None:
        run.process.send_signal(signal.SIGTERM)
        run.process.wait(180)


@pytest.fixture
def run(folder: Path, runs: list[Run]) -> Run:
    """A run that is up, to be ended by the test."""
    runs.append(Run(folder))
    runs[0].until("Ready after")
    return runs[0]


def test_everything_comes_up_and_says_where(shared: Run):
    said, pids = shared.output(), shared.pids()

    assert set(pids) == {"Postgres", "Valkey", "mail", "web", "stream", "worker", "beat"}
    assert all(processes.is_alive(pid) for pid in pids.values())
    for line in (
        "PostgreSQL",
        "Valkey",
        "Mail",
        "Worker",
        "Beat",
        "Stream",
        f"Pages     {shared.url()}/",
        f"API       {shared.url()}/api/",
        f"Swagger   {shared.url()}/api/docs/",
        "Admin",
    ):
        assert line in said
    with direct.open_url(f"{shared.url()}/health/ready/", timeout=300) as answer:
        assert answer.status == 200


def test_a_second_run_is_refused_and_the_first_goes_on(shared: Run):
    second = Run(shared.home)

    assert second.process.wait(180) == 1
    assert f"It runs already: process {shared.process.pid}, {shared.url()}" in second.output()
    assert all(processes.is_alive(pid) for pid in shared.pids().values())


@pytest.mark.parametrize("name", ["web", "stream", "worker", "beat", "mail", "Valkey", "Postgres"])
def test_a_part_that_dies_is_started_again_and_that_is_said(shared: Run, name: str):
    again = f"{name} runs again"
    before, times = shared.pids()[name], shared.output().count(again)  # a busy machine may have let it end before
    os.kill(before, signal.SIGKILL)

    assert processes.wait_until(lambda: shared.output().count(again) > times, seconds=UP_SECONDS)
    assert shared.pids()[name] != before
    assert f"{name} was killed by SIGKILL; starting it again in 1 s" in shared.output()
    assert processes.wait_until(lambda: _status(f"{shared.url()}/health/ready/") == 200, seconds=UP_SECONDS)


def test_manage_beside_a_run_uses_its_services(shared: Run):
    done = manage(
        shared.home, "shell", "-c", "from django.conf import settings; print(settings.DATABASES['default']['HOST'])"
    )

    assert done.returncode == 0, done.stderr
    assert json.loads((shared.home / "owner.json").read_text())["env"]["POSTGRES_HOST"] in done.stdout
    assert all(processes.is_alive(pid) for pid in shared.pids().values())


def test_sigterm_ends_everything_it_started_and_nothing_else(run: Run):
    bystander = subprocess.Popen(["sleep", "600"])
    pids = run.pids()
    children = _descendants(run.process.pid)
    assert children > set(pids.values())  # gunicorn's and Celery's own processes too

    code = run.end()

    assert code == 0
    assert "Stopped." in run.output()
    assert run.troubles() == []
    assert gone(*children)
    assert bystander.poll() is None
    bystander.kill()
    bystander.wait()


def test_kill_9_leaves_nothing_that_blocks_the_next_start(run: Run, runs: list[Run]):
    children = _descendants(run.process.pid)
    port = run.url().rpartition(":")[2]

    run.end(signal.SIGKILL)
    runs.append(Run(run.home, PORT=port))
    runs[-1].until("Ready after")

    assert gone(*children)


def test_a_later_start_takes_under_six_seconds(run: Run, runs: list[Run]):
    ratios, before = [], slowness()
    for _ in range(2):
        runs[-1].end(signal.SIGINT)
        runs.append(Run(run.home))
        said = runs[-1].until("Ready after")
        after = slowness()
        ratios.append(float(said.partition("Ready after ")[2].split()[0]) / max(before, after))
        before = after

    assert min(ratios) < 6


def test_a_database_named_for_one_command_is_used_even_beside_a_run(shared: Run):
    code = "from django.conf import settings; s = settings; print(s.DATABASES['default']['HOST'], s.CACHE_URL)"
    environment = clean_environment(shared.home) | {"DATABASE_URL": "postgresql://me:secret@db.example.com/theirs"}
    done = subprocess.run(command("manage", "shell", "-c", code), env=environment, capture_output=True, text=True)

    host, cache = done.stdout.strip().splitlines()[-1].split()
    assert host == "db.example.com"
    assert json.loads((shared.home / "owner.json").read_text())["env"]["REDIS_SOCKET"] in cache


def test_a_busy_port_is_said_with_the_way_out(folder: Path, runs: list[Run]):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        runs.append(Run(folder, PORT=str(port)))

        assert runs[-1].process.wait(180) == 1
    assert f"Port {port} on 127.0.0.1 cannot be used: Address already in use" in runs[-1].output()
    assert f"PORT={port + 1} ./scripts/run" in runs[-1].output()
    assert not (folder / "postgres").exists()


def test_a_nearly_full_disk_is_said_at_the_start(folder: Path, runs: list[Run]):
    """FIRST-HOUR, the operator's round: uploads were rejected, and only doctor said why."""
    runs.append(Run(folder, DISK_RESERVE_BYTES=str(2**60)))

    said = runs[-1].until("Ready after")

    assert "NOTE        files: " in said
    assert "507" in said


@pytest.mark.parametrize("name", ["DATABASE_URL", "REDIS_URL", "ATTACHMENT_MAX_BYTES"])
def test_a_setting_that_cannot_be_read_is_said_without_a_traceback(folder: Path, runs: list[Run], name: str):
    runs.append(Run(folder, **{name: "nonsense"}))

    assert runs[-1].process.wait(UP_SECONDS) == 1
    assert f"{name} is not " in runs[-1].output()
    assert "Traceback" not in runs[-1].output()


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (["help"], 0, "seed_demo"),
        (["seed_demo", "--help"], 0, "--users"),
        (["--version"], 0, "5."),
        (["migrat"], 1, "Did you mean migrate?"),
    ],
)
def test_what_needs_no_services_starts_none(folder: Path, words: list[str], code: int, says: str):
    """FIRST-HOUR D9: a misspelt command is rejected at once, and makes no database."""
    done = manage(folder, *words)

    assert done.returncode == code
    assert says in done.stdout + done.stderr
    assert not (folder / "postgres").exists()


def test_a_signal_while_it_starts_ends_it(folder: Path, runs: list[Run]):
    runs.append(Run(folder))
    runs[-1].until("PostgreSQL")
    children = _descendants(runs[-1].process.pid)

    assert runs[-1].end() == 0
    assert gone(*children)


def test_manage_holds_the_stack_for_its_own_time(folder: Path):
    done = manage(folder, "shell", "-c", "import sys; print(sys.stdin.read()); sys.exit(7)", input="from outside")

    assert done.stdout.strip().endswith("from outside")
    assert done.returncode == 7
    assert not list(folder.glob("owner.json"))
    assert not (folder / leftovers.FILE).exists()


def test_a_run_beside_manage_waits_and_says_so(folder: Path, runs: list[Run]):
    holder = subprocess.Popen(
        command("manage", "shell", "-c", "print('held', flush=True); input()"),
        env=clean_environment(folder),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert holder.stdout is not None
    assert processes.wait_until(
        lambda: "held" in (holder.stdout.readline() if holder.stdout else ""), seconds=UP_SECONDS
    )
    runs.append(Run(folder))
    runs[-1].until("Waiting for ./scripts/manage shell")
    assert "PostgreSQL" not in runs[-1].output()

    holder.communicate("go\n", timeout=300)
    runs[-1].until("Ready after")

    assert holder.returncode == 0


def test_two_commands_share_the_stack_and_the_first_waits_for_the_second(folder: Path):
    code = "import time; print('in', flush=True); time.sleep({})"
    first = subprocess.Popen(
        command("manage", "shell", "-c", code.format(1)),
        env=clean_environment(folder),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert first.stdout is not None
    while "in" not in first.stdout.readline():
        pass
    query = "import time; time.sleep(3); from django.db import connection as c; c.ensure_connection(); print('fine')"
    second = manage(folder, "shell", "-c", query)
    _out, said = first.communicate(timeout=300)

    assert second.stdout.strip().endswith("fine")
    assert "Another ./scripts/manage uses the stack" in said


def test_a_signal_to_manage_reaches_the_command_and_the_code_tells(folder: Path):
    child = subprocess.Popen(
        command("manage", "shell", "-c", "import time; print('in', flush=True); time.sleep(600)"),
        env=clean_environment(folder),
        stdout=subprocess.PIPE,
        text=True,
    )
    assert child.stdout is not None
    while "in" not in child.stdout.readline():
        pass
    children = _descendants(child.pid)

    child.terminate()
    child.communicate(timeout=300)

    assert child.returncode == 128 + signal.SIGTERM
    assert gone(*children)


def _status(url: str) -> int:
    try:
        with direct.open_url(url, timeout=5) as answer:
            return int(answer.status)
    except OSError:
        return 0


def _descendants(pid: int) -> set[int]:
    listed = subprocess.run(["ps", "-A", "-o", "pid=,ppid="], capture_output=True, text=True, check=True).stdout
    pairs = [tuple(map(int, line.split())) for line in listed.splitlines()]
    found: set[int] = set()
    layer = {pid}
    while layer:
        layer = {child for child, parent in pairs if parent in layer} - found
        found |= layer
    return found

"""scripts/test gives each run services of its own, removes them, and hides nothing."""

import os
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest

from scripts.local import environment, processes, pytest_options, suite
from scripts.local.environment import ROOT
from scripts.local.stack import Stack
from scripts.local.tests.conftest import gone

TEST = [sys.executable, "-P", str(ROOT / "scripts/local/__main__.py"), "test"]
OUTER = {name: value for name, value in os.environ.items() if name in ("TEST_DATABASE_URL", "TEST_REDIS_URL")}
TEST_HOME = environment.home() / "test"
PROBE = """
import os, pytest
def test_services():
    import psycopg
    url = os.environ["TEST_DATABASE_URL"]
    with psycopg.connect(url) as connection:
        name, = connection.execute("select current_database()").fetchone()
    assert os.path.exists(os.environ["TEST_REDIS_URL"].removeprefix("unix://"))
    assert "elsewhere" not in os.environ.get("DATABASE_URL", "")
    assert "EMAIL_HOST" not in os.environ
    print("probe", name, os.environ["TEST_REDIS_URL"])
def test_left_out():
    pytest.skip("needs a thing")
@pytest.mark.slow
def test_slow():
    print("slow ran")
@pytest.mark.system
def test_system():
    print("system ran")
def test_wrong():
    assert "{}" != "wrong"
"""


def _start(folder: Path, *arguments: str, probe: str = "", **env: str) -> "subprocess.Popen[str]":
    file = folder / "test_probe.py"
    file.write_text(probe or PROBE)
    # The tests around us run with variables of their own, which must not count here.
    ours = {name: value for name, value in os.environ.items() if not name.startswith(("TEST_", "CI", "COV_"))}
    command = [*TEST, "-c", str(ROOT / "pytest.ini")]
    command += ["-p", "no:cacheprovider", "-q", "-s", str(file), *arguments]
    return subprocess.Popen(command, env={**ours, **env}, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def _run(folder: Path, *arguments: str, probe: str = "", **env: str) -> tuple[int, str]:
    process = _start(folder, *arguments, probe=probe, **env)
    said, _ = process.communicate(timeout=600)
    return process.returncode, said


def test_services_are_there_during_the_run_and_gone_after_it(tmp_path: Path):
    code, said = _run(tmp_path, DATABASE_URL="postgresql://elsewhere/real", EMAIL_HOST="mail.example.com")

    assert code == 0, said
    _, name, redis = next(line for line in said.splitlines() if "probe" in line).split("probe")[1].split(" ")
    assert name == "taskhouse"
    assert not Path(redis.removeprefix("unix://")).parent.parent.exists()


@pytest.mark.slow
def test_slow_and_system_tests_wait_for_all(tmp_path: Path):
    _, quick = _run(tmp_path, **OUTER)
    _, everything = _run(tmp_path, "--all", **OUTER)

    assert "slow ran" not in quick
    assert "system ran" not in quick
    assert "slow ran" in everything
    assert "system ran" in everything


@pytest.mark.slow
def test_arguments_and_the_exit_code_go_through(tmp_path: Path):
    failing, said = _run(tmp_path, "-k", "wrong", probe=PROBE.replace("{}", "wrong"), **OUTER)
    nothing, _ = _run(tmp_path, "-k", "nonesuch", **OUTER)

    assert failing == 1
    assert "1 failed" in said
    assert nothing == pytest.ExitCode.NO_TESTS_COLLECTED


@pytest.mark.slow
def test_what_was_left_out_is_said_and_fails_where_everything_must_run(tmp_path: Path):
    at_home, said = _run(tmp_path, "-k", "left_out", **OUTER)
    in_ci, _ = _run(tmp_path, "-k", "left_out", CI="true", **OUTER)

    assert at_home == 0
    assert "1 test: needs a thing" in said
    assert in_ci == 1


def test_services_named_in_the_environment_are_used_instead(tmp_path: Path):
    with Stack(tmp_path / "mine", durable=False) as mine:
        code, said = _run(tmp_path, "-k", "services", **mine.test_env())

        assert code == 0, said
        assert str(mine.places.valkey_socket) in said
        assert mine.postgres.is_up()
        assert mine.valkey.is_up()


def test_a_killed_run_leaves_no_process_and_the_next_one_sweeps_its_folder(tmp_path: Path):
    process = _start(
        tmp_path, probe="import time\ndef test_long():\n    print('in', flush=True)\n    time.sleep(600)\n"
    )
    assert process.stdout is not None
    while "in" not in process.stdout.readline():
        pass
    home = next(path for path in TEST_HOME.iterdir() if path.name.startswith(f"{process.pid}-"))
    pids = [pid for pid in (Stack(home).postgres.pid(), Stack(home).valkey.pid()) if pid]

    process.send_signal(signal.SIGKILL)
    process.communicate(timeout=120)

    assert len(pids) == 2
    assert gone(*pids)
    os.utime(home, (time.time() - 60, time.time() - 60))
    suite.sweep(TEST_HOME)
    assert not home.exists()


def test_sweeping_leaves_a_running_stack_alone(tmp_path: Path):
    with Stack(tmp_path / "running", durable=False) as running:
        os.utime(running.home, (time.time() - 60, time.time() - 60))

        suite.sweep(tmp_path)

        assert processes.is_alive(running.postgres.pid() or 0)
        assert running.home.exists()


def test_everything_temporary_goes_with_the_run(tmp_path: Path):
    """FIRST-HOUR D11: whatever a test forgets in its folder for temporary files."""
    probe = """
        import tempfile
        def test_forgetful(tmp_path):
            print("made", tempfile.mkdtemp(), tmp_path)
    """
    code, said = _run(tmp_path, probe=textwrap.dedent(probe), **OUTER)

    _, ours, pytests = next(line for line in said.splitlines() if "made" in line).partition("made")[2].split(" ")
    assert code == 0, said
    assert not Path(ours).exists()
    assert not Path(pytests).exists()


def test_sockets_of_a_stack_that_a_test_left_are_said_and_removed(tmp_path: Path):
    """FIRST-HOUR D11: they lie elsewhere, and used to stay."""
    probe = """
        from scripts.local.places import locate, make_folders
        def test_forgetful(tmp_path):
            places = locate(tmp_path / "home")
            make_folders(places)
            print("made", places.sockets)
    """
    code, said = _run(tmp_path, probe=textwrap.dedent(probe), **OUTER)

    sockets = next(line for line in said.splitlines() if "made" in line).partition("made ")[2]
    assert code == 1
    assert f"A test left something behind: {sockets}" in said
    assert not Path(sockets).exists()


def test_what_is_set_for_an_installation_does_not_reach_the_tests(tmp_path: Path):
    probe = """
        import os
        def test_environment():
            print("found", sorted(os.environ.keys() & {"PORT", "ATTACHMENT_MAX_BYTES", "HTTPS", "SESSION_DAYS"}))
    """
    ours = {"PORT": "abc", "ATTACHMENT_MAX_BYTES": "5", "HTTPS": "true", "SESSION_DAYS": "1"}
    code, said = _run(tmp_path, probe=textwrap.dedent(probe), **OUTER, **ours)

    assert code == 0, said
    assert "found []" in said


@pytest.mark.parametrize(
    ("words", "hint"),
    [
        (["--durration=5"], "Did you mean --durations?"),
        (["apps", "--colect-only"], "Did you mean --collect-only?"),
        (["--nonesuch-at-all"], "no option --nonesuch-at-all"),
    ],
)
def test_an_option_that_pytest_does_not_know_is_said_before_services_start(words: list[str], hint: str):
    """FIRST-HOUR D9."""
    wrong = pytest_options.unknown(words)

    assert hint.replace("no option", "have an option") in wrong
    assert "--help" in wrong


def test_options_of_pytest_and_its_plugins_are_known():
    assert pytest_options.unknown(["-x", "-k", "assign", "--hypothesis-seed=1", "--ds=x", "--", "--no"]) == ""

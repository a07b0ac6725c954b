"""Each step of the gate finds what it is there to find, and is silent otherwise."""

import configparser
import subprocess
import sys
from pathlib import Path

import pytest

from scripts.gate import budget, locks, main, rules, steps
from scripts.local import suite
from scripts.local.environment import ROOT


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


@pytest.fixture
def locked(tmp_path: Path) -> Path:
    """A copy of the project's own dependencies and locks."""
    for name in ("pyproject.toml", locks.SERVER, locks.LOCAL, locks.DEVELOPMENT, locks.OPTIONAL):
        _write(tmp_path / name, (ROOT / name).read_text())
    return tmp_path


def test_a_long_file_and_a_long_function_are_named(tmp_path: Path):
    body = "".join(f"    x{number} = {number}\n" for number in range(50))
    _write(tmp_path / "apps/tasks/services.py", f"def long():\n{body}")
    _write(tmp_path / "apps/tasks/views.py", "x = 1\n" * 401)

    said = budget.problems(tmp_path)

    assert "apps/tasks/services.py:1 long: 51 lines, at most 50" in said
    assert "apps/tasks/views.py: 401 lines, at most 400" in said


def test_what_keeps_to_the_budget_is_not_named_nor_are_tests_and_migrations(tmp_path: Path):
    _write(tmp_path / "apps/tasks/views.py", "x = 1\n" * 400)
    _write(tmp_path / "apps/tasks/tests/test_views.py", "x = 1\n" * 999)
    _write(tmp_path / "apps/tasks/migrations/0001_initial.py", "x = 1\n" * 999)

    assert budget.problems(tmp_path) == ""


@pytest.mark.parametrize(
    "test",
    [
        "def test_tr7_a_task_comes_back(): ...",
        "def test_c1_tr7_a_task_comes_back(): ...",
        'def test_back():\n    """Contract TR7."""',
        "def test_back():\n    assert back  # TR7: whole",
        '@pytest.mark.parametrize("rule", ["TR7"])\ndef test_back(rule): ...',
    ],
)
def test_a_rule_counts_as_tested_where_a_test_names_it(tmp_path: Path, test: str):
    _write(tmp_path / "apps/tasks/tests/test_trash.py", f"{test}\n")

    assert rules.cited(tmp_path)["TR7"] == 1


@pytest.mark.parametrize(
    "source",
    [
        '"""Contract TR5 to TR8, TR7."""\ndef test_back(): ...',
        "def test_tr70_back(): ...",
        "def test_the_str7_name(): ...",
        "def restored():\n    return None  # TR7",
    ],
)
def test_a_rule_that_no_test_names_is_missing(tmp_path: Path, source: str):
    _write(tmp_path / "apps/tasks/tests/test_trash.py", f"{source}\n")

    assert rules.cited(tmp_path)["TR7"] == 0
    assert "TR7" in rules.problems(tmp_path)


def test_the_locks_of_this_project_agree(locked: Path):
    assert locks.problems(locked) == ""


def test_a_dependency_that_was_not_locked_is_named(locked: Path):
    project = locked / "pyproject.toml"
    project.write_text(
        project.read_text().replace("dependencies = [\n", 'dependencies = [\n    "brand-new-thing",\n', 1)
    )

    assert f"{locks.SERVER} lacks brand-new-thing" in locks.problems(locked)


def test_a_locked_version_that_pyproject_does_not_allow_is_named(locked: Path):
    lock = locked / locks.SERVER
    lock.write_text(lock.read_text().replace("django==5.2", "django==6.0", 1))

    said = locks.problems(locked)

    assert "pyproject.toml asks for ==5.2.*" in said
    assert f"in {locks.DEVELOPMENT}" in said  # the locks contradict each other as well


def test_a_package_without_a_hash_is_named(locked: Path):
    lock = locked / locks.SERVER
    lock.write_text(lock.read_text() + "\nloose==1.0\n")

    assert f"{locks.SERVER} has no hash for loose" in locks.problems(locked)


@pytest.mark.parametrize(
    ("lock", "pin", "who"),
    [(locks.DEVELOPMENT, "coverage[toml]", "pytest-cov"), (locks.SERVER, "psycopg[binary, pool]", "pyproject.toml")],
)
def test_a_pin_without_the_extras_that_somebody_asks_for_is_named(locked: Path, lock: str, pin: str, who: str):
    """FIRST-HOUR D1: pip before 24 resolves them apart, and takes a version that has no hash."""
    path = locked / lock
    path.write_text(path.read_text().replace(f"{pin}==", f"{pin.partition('[')[0]}=="))

    assert f"{lock} pins {pin.partition('[')[0]} without" in locks.problems(locked)
    assert f"asked for by {who}" in locks.problems(locked)


def test_production_values_pass_and_an_unsafe_one_is_said():
    environment = {"DJANGO_SETTINGS_MODULE": "config.settings", **steps.PRODUCTION, "SECRET_KEY": "short"}

    assert "SECRET_KEY" in steps.deploy_check(environment)


def test_a_tool_that_finds_something_fails_its_step_with_what_it_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    bad = tmp_path / "bad.py"
    bad.write_text("import os\n")

    assert "F401" in steps.tool("ruff", "check", "--isolated", str(bad))
    assert not main._passes("lint", lambda: steps.tool("ruff", "check", "--isolated", str(bad)))
    assert "=== lint … FAILED" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("sql", "rule"),
    [
        ("ALTER TABLE tasks_task ADD COLUMN colour text NOT NULL;", "adding-required-field"),
        ("CREATE INDEX task_colour ON tasks_task (colour);", "require-concurrent-index-creation"),
    ],
)
def test_squawk_rejects_a_migration_that_would_lock_a_full_table(tmp_path: Path, sql: str, rule: str):
    file = tmp_path / "tasks.0099_colour.sql"
    file.write_text(f"BEGIN;\n{sql}\nCOMMIT;\n")

    assert rule in steps.squawk([file], env={})


def test_the_check_command_names_a_failed_step_and_runs_no_tests(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(main.signal, "signal", lambda *_: None)
    monkeypatch.setattr(main, "_static_steps", lambda: ["lint"])
    monkeypatch.setattr(main, "_tests", lambda _arguments: pytest.fail("ran the tests"))

    assert main.main([]) == 1


@pytest.mark.parametrize("script", [".ci/run", "scripts/gate/any-machine"])
def test_scripts_of_ci_are_valid(script: str):
    done = subprocess.run(["bash", "-n", ROOT / script], capture_output=True, text=True, check=False)

    assert (done.returncode, done.stderr) == (0, "")


def _paths(share: tuple[str, ...]) -> tuple[set[str], set[str], str]:
    """Return the paths of a share, those it ignores, and which marks it wants."""
    ignored = {word.removeprefix("--ignore=") for word in share if word.startswith("--ignore=")}
    words = [word for word in share if not word.startswith("--ignore=")]
    marks = words[words.index("-m") + 1] if "-m" in words else ""
    return set(words) - {"-m", marks}, ignored, marks


@pytest.mark.parametrize("shares", [suite.SHARES, suite.SHARES_OF_ALL])
def test_the_shares_of_the_suite_are_all_of_it(shares: tuple[tuple[str, ...], ...]):
    found = configparser.ConfigParser()
    found.read(ROOT / "pytest.ini")
    every = [_paths(share) for share in shares]
    quick = set().union(*(paths for paths, _, marks in every if marks.startswith("not slow")))
    slow = set().union(*(paths for paths, _, marks in every if marks == "slow"))
    ignored = set().union(*(ignored for _, ignored, _ in every))
    whole = set().union(*(paths for paths, _, marks in every if not marks))

    assert quick | ignored == slow
    assert quick | whole == set(found["pytest"]["testpaths"].split())
    # What one share ignores is slow to the last test, so that the share of the slow ones has all of it
    assert all("pytestmark = [pytest.mark.slow, " in (ROOT / path).read_text() for path in ignored)


@pytest.mark.parametrize(("working", "waiting", "code"), [(0, 0, 0), (1, 0, 1), (0, 5, 5)])
def test_any_share_fails_the_gate(monkeypatch, capfdbinary, tmp_path: Path, working: int, waiting: int, code: int):
    script = tmp_path / "python"
    script.write_text(f"#!/bin/sh\necho said $TEST_DATABASE_URL; exit {waiting}\n")
    script.chmod(0o755)
    monkeypatch.setattr(suite, "run", lambda *_, **__: working)
    monkeypatch.setattr(sys, "executable", str(script))
    monkeypatch.setenv("TEST_DATABASE_URL", "one that the other shares may not use")

    assert main._tests([]) == code
    assert capfdbinary.readouterr().out.endswith(b"said\n")


def test_a_misspelt_option_of_pytest_ends_the_gate_before_its_first_step(monkeypatch, capsys):
    """FIRST-HOUR D9."""
    monkeypatch.setattr(main, "_static_steps", lambda: pytest.fail("ran the steps"))

    assert main.main(["apps", "--durration=5"]) == 2
    assert "Did you mean --durations?" in capsys.readouterr().err

"""FIRST-HOUR D9: every command says what it takes, and rejects at once what it does not know."""

import argparse
import subprocess
from importlib import import_module
from pathlib import Path

import pytest

from scripts.local import options
from scripts.local.environment import ROOT
from scripts.resilience import command as chaos

COMMANDS = [
    "run",
    "test",
    "check",
    "manage",
    "tour",
    "chaos",
    "bench/run",
    "containers/run",
    "local-backup",
    "local-restore",
    "make-env",
    "backup",
    "restore",
    "health",
    "gate/any-machine",
]
BARE = {"PATH": "/usr/bin:/bin", "HOME": "/"}  # no variables that say where a database is


def _run(command: str, *arguments: str, env: dict[str, str]) -> "subprocess.CompletedProcess[str]":
    path = ROOT / "scripts" / command
    return subprocess.run([path, *arguments], env=env, capture_output=True, text=True, cwd="/", timeout=600)


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("option", ["--help", "-h"])
def test_help_says_what_the_command_is_for_and_how_to_call_it(command: str, option: str):
    done = _run(command, option, env=BARE)

    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    assert command.rpartition("/")[2] in done.stdout
    assert len(done.stdout.splitlines()) > 3
    assert not any(line.startswith("#") for line in done.stdout.splitlines())


@pytest.mark.parametrize("command", ["run", "test", "check", "manage", "tour", "chaos"])
def test_help_needs_nothing_but_a_shell(command: str, tmp_path: Path):
    for name in ("sh", "dirname"):
        (tmp_path / name).symlink_to(f"/usr/bin/{name}")

    assert _run(command, "--help", env={"PATH": str(tmp_path)}).returncode == 0


@pytest.mark.parametrize(
    ("command", "arguments", "hint"),
    [
        ("run", ["--port", "8001"], "Did you mean PORT=8001 ./scripts/run?"),
        ("run", ["--prot=8001"], "Did you mean PORT=8001 ./scripts/run?"),
        ("run", ["8001"], "Did you mean PORT=8001 ./scripts/run?"),
        ("run", ["now"], "takes no arguments, and got now"),
        ("test", ["--al"], "Did you mean --all?"),
        ("test", ["apps", "-all"], "Did you mean --all?"),
        ("check", ["--quik"], "Did you mean --quick?"),
        ("check", ["--Quick"], "Did you mean --quick?"),
        ("manage", ["--hlep"], "Did you mean --help?"),
        ("manage", ["-v", "migrate"], "The name of the management command comes first"),
        ("tour", ["--ulr", "http://127.0.0.1:1"], "Did you mean --url?"),
        ("tour", ["--mails=x"], "Did you mean --mail?"),
        ("chaos", ["--secnds", "3"], "Did you mean --seconds?"),
        ("chaos", ["mail_outge"], "Did you mean mail_outage?"),
        ("bench/run", ["--round", "1"], "Did you mean --rounds?"),
        ("backup", ["--halp"], "takes no arguments"),
        ("restore", ["--folder", "x"], "FOLDER"),
        ("restore", ["one", "two"], "FOLDER"),
        ("health", ["--wbe"], "health web|stream|worker|beat"),
        ("gate/any-machine", ["--no-test"], "no option --no-test"),
    ],
)
def test_what_a_command_does_not_know_is_rejected_at_once_with_a_hint(command: str, arguments: list[str], hint: str):
    done = _run(command, *arguments, env=BARE)

    assert done.returncode == 2, done.stdout + done.stderr
    assert hint in done.stderr
    assert "--help" in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""


@pytest.mark.parametrize(
    ("verb", "arguments"),
    [
        ("test", ["--all", "apps/tasks", "-k", "assign", "-x", "--lf", "--durations=5", "--quiet", "-qq", "--co"]),
        ("check", ["--quick"]),
        ("manage", ["seed_demo", "--users", "3"]),
        ("manage", ["--version"]),
        ("chaos", ["redis_outage", "--sweep", "--json"]),
        ("chaos", ["--seed", "-1"]),
        ("test", ["--", "--al"]),
    ],
)
def test_what_is_right_passes(verb: str, arguments: list[str]):
    assert options.complaint(verb, arguments) == ""


def test_the_help_of_chaos_names_every_option_of_every_scenario():
    known = {"--help", "--json", "--keep"}
    for name in chaos.SCENARIOS:
        parser = argparse.ArgumentParser()
        import_module(f"scripts.resilience.{name}").arguments(parser)
        known |= _names(parser)

    assert options.options_of("chaos") == known


@pytest.mark.parametrize("verb", ["tour", "bench"])
def test_the_help_names_every_option(verb: str):
    module = import_module({"tour": "scripts.local.tour", "bench": "scripts.bench.__main__"}[verb])

    assert options.options_of(verb) == _names(module.parser())


def _names(parser: argparse.ArgumentParser) -> set[str]:
    return {option for action in parser._actions for option in action.option_strings if option.startswith("--")}

"""The steps of the gate, each of which returns what is wrong, or nothing."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from difflib import unified_diff
from pathlib import Path

from scripts.gate import budget, containers, locks, rules
from scripts.local.environment import ROOT
from scripts.local.stack import Stack

Step = Callable[[], str]
SCHEMA = ROOT / "docs" / "openapi.yml"
# Migrations of the first release: they run on empty tables, where every lock is short.
FIRST_RELEASE = ROOT / "scripts" / "gate" / "first_release.txt"
TOOLS = Path(sys.executable).parent
# `scripts/entrypoint migrate` sets the timeouts; the others are matters of taste that Django decides.
NOT_FOR_US = (
    "require-lock-timeout",
    "require-statement-timeout",
    "prefer-robust-stmts",
    "prefer-bigint-over-int",
    "prefer-text-field",
)
NO_ISSUES = "System check identified no issues (0 silenced)."
# Secrets that nobody uses; of the length that production asks for.
PRODUCTION = {
    "ENVIRONMENT": "production",
    "SECRET_KEY": "K3yForTheGateOnly-7fQx2mVb9sLr4tWz8nPd6hJc1gYe5uAo",
    "JWT_SIGNING_KEY": "JwtForTheGateOnly-5cNw8rTk2vBq9xFz4mLs7pGd3hYj6eUa",
    "ALLOWED_HOSTS": "tasks.test",
    "PUBLIC_URL": "https://tasks.test",
    "NUM_PROXIES": "1",
    "DEFAULT_FROM_EMAIL": "Tasks <tasks@tasks.test>",
    "EMAIL_HOST": "mail.tasks.test",
    "METRICS_TOKEN": "for-the-gate-only-7fQx2mVb",
    "MEDIA_ROOT": "/srv/taskhouse/media",
    "STATIC_ROOT": "/srv/taskhouse/static",
}


def all_steps(stack: Stack) -> list[tuple[str, Step]]:
    """Return (name, step) in the order they run: the quick ones first. `stack` must be started."""
    tests = {"DJANGO_SETTINGS_MODULE": "config.settings_test", **stack.test_env()}
    production = {"DJANGO_SETTINGS_MODULE": "config.settings", **stack.env(), **PRODUCTION}
    return [
        ("format", lambda: tool("ruff", "format", "--check", ".")),
        ("lint", lambda: tool("ruff", "check", ".")),
        ("size budget", budget.problems),
        ("rules have tests", rules.problems),
        ("lock files", locks.problems),
        ("container files", containers.problems),
        ("import contracts", lambda: tool("lint-imports", env=tests)),
        ("types", lambda: tool("mypy", env=tests)),
        ("migrations are complete", lambda: manage("makemigrations", "--check", "--dry-run", env=tests)),
        ("production check", lambda: deploy_check(production)),
        ("API schema", lambda: schema(tests)),
        ("migrations are safe", lambda: migrations(tests)),
    ]


def tool(name: str, *arguments: str, env: dict[str, str] | None = None) -> str:
    """Run a tool of the virtual environment."""
    return _failure([str(TOOLS / name), *arguments], env=env or {})


def manage(*arguments: str, env: dict[str, str]) -> str:
    """Run a management command."""
    return _failure([sys.executable, "manage.py", *arguments], env=env)


def _failure(command: Sequence[str], *, env: dict[str, str]) -> str:
    done = _run(command, env=env)
    return (done.stdout + done.stderr or f"ended with code {done.returncode}") if done.returncode else ""


def _run(command: Sequence[str], *, env: dict[str, str], given: str | None = None) -> subprocess.CompletedProcess[str]:
    # An absolute path of the tools' own folder first: tools call each other by name.
    path = f"{TOOLS}:{os.environ.get('PATH', '')}"
    whole = {**os.environ, "PATH": path, **env}
    return subprocess.run(command, cwd=ROOT, env=whole, input=given, capture_output=True, text=True, check=False)


def deploy_check(env: dict[str, str]) -> str:
    """Return everything that `check --deploy` has to say under production values."""
    command = [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING", "--database", "default"]
    done = _run(command, env=env)
    said = (done.stdout + done.stderr).strip()
    return "" if done.returncode == 0 and said == NO_ISSUES else said


def schema(env: dict[str, str]) -> str:
    """Return how docs/openapi.yml differs from what the code says now."""
    with tempfile.TemporaryDirectory() as folder:
        fresh = Path(folder) / "openapi.yml"
        if wrong := manage("spectacular", "--validate", "--fail-on-warn", "--file", str(fresh), env=env):
            return wrong
        now = fresh.read_text().splitlines()
    written = SCHEMA.read_text().splitlines() if SCHEMA.exists() else []
    difference = "\n".join(unified_diff(written, now, "docs/openapi.yml", "the code", lineterm="", n=1))
    return f"{difference}\nWrite it anew: ./scripts/manage spectacular --file docs/openapi.yml" if difference else ""


def migrations(env: dict[str, str]) -> str:
    """Return what squawk says about migrations that meet tables with rows in them."""
    first_release = FIRST_RELEASE.read_text().split()
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "scripts.gate.migration_sql", folder, *first_release]
        if wrong := _failure(command, env=env):
            return wrong
        written = sorted(Path(folder).glob("*.sql"))
        if not written:
            return ""
        return squawk(written, env=env).replace(f"{folder}/", "")


def squawk(files: Sequence[Path], *, env: dict[str, str]) -> str:
    """Return what squawk says about files of SQL."""
    rules = ["--pg-version", "18", "--exclude", ",".join(NOT_FOR_US)]
    found = _run([str(TOOLS / "squawk"), "--reporter", "gcc", *rules, *map(str, files)], env=env)
    return found.stdout + found.stderr

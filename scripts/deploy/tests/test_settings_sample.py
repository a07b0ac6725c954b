"""`.env.sample`, what the settings read and what Compose passes say the same names."""

from __future__ import annotations

import ast
import re
from pathlib import Path

from django.conf import settings

from config.schedule import INTERVALS
from scripts.deploy.tests import compose

ROOT = compose.ROOT
READERS = {"choice", "text", "networks", "flag", "bool", "int", "float", "list", "str", "get", "getenv"}
# Tests and the local run set these; nobody else should.
INTERNAL = {"ENV_FILE_READ", "BACKUP_CONNECTION", "FAULT_POINT", "PROCESS", "LOCAL_STACK", "DJANGO_SETTINGS_MODULE"}
COMPOSE_ONLY = {
    *("COMPOSE_FILE", "COMPOSE_PROFILES", "TASKHOUSE_IMAGE", "OPTIONAL"),
    *("HTTP_BIND", "HTTPS_BIND", "MAILBOX_BIND", "BACKUP_DIR", "REDIS_PASSWORD"),
}
# libpq's own, and names of headers in a WSGI environment.
OTHERS = ("PG", "HTTP_", "REMOTE_", "CONTENT_", "QUERY_", "PATH_")


def sample_names() -> set[str]:
    return set(re.findall(r"^#?([A-Z][A-Z0-9_]*)=", (ROOT / ".env.sample").read_text(), re.MULTILINE))


def names_read_by_python(path: Path) -> set[str]:
    """Return constant first arguments of calls like text("NAME") and environ.get("NAME")."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant):
            function = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            value = node.args[0].value
            if function in READERS and isinstance(value, str) and re.fullmatch(r"[A-Z][A-Z0-9_]+", value):
                found.add(value)
    return found


def names_read_by_shell(path: Path) -> set[str]:
    return set(re.findall(r"\$\{([A-Z][A-Z0-9_]*):?-", path.read_text()))


def names_read() -> set[str]:
    python = [*(ROOT / "config").glob("*.py"), ROOT / "scripts" / "health"]
    python += [path for path in (ROOT / "apps").rglob("*.py") if "tests" not in path.parts]
    shell = [ROOT / "scripts" / name for name in ("entrypoint", "backup", "restore", "deploy/connection.sh")]
    found = set().union(*map(names_read_by_python, python), *map(names_read_by_shell, shell))
    scopes = {f"THROTTLE_{scope.upper()}" for scope in settings.THROTTLE_RATES}
    intervals = {name for name, _ in INTERVALS.values()}
    return scopes | intervals | {name for name in found if not name.startswith(OTHERS)} - INTERNAL


def test_the_sample_names_every_variable_that_is_read():
    missing = names_read() - sample_names()

    print(f"{len(sample_names())} variables in .env.sample, {len(names_read())} read, missing {sorted(missing)}")
    assert sorted(missing) == []


def test_the_sample_names_nothing_that_nobody_reads():
    assert sorted(sample_names() - names_read() - COMPOSE_ONLY) == []


def test_compose_asks_only_for_variables_of_the_sample():
    files = ("docker-compose.yml", "docker-compose.override.yml", "docker-compose.tls.yml")
    asked = set().union(*(compose.names_used((ROOT / name).read_text()) for name in files))

    assert asked <= sample_names()


def test_compose_passes_the_whole_env_file_to_every_process_of_the_application():
    services = compose.load({})["services"]

    for name in ("migrate", "web", "stream", "worker", "beat"):
        assert services[name]["env_file"] == [{"path": ".env", "required": False}]


def test_what_compose_fixes_is_read_by_somebody():
    fixed = compose.load({})["services"]["web"]["environment"]

    assert set(fixed) <= names_read()


def test_a_commented_line_of_the_sample_shows_the_default_of_compose():
    lines = dict(re.findall(r"^#([A-Z][A-Z0-9_]*)=(.*)$", (ROOT / ".env.sample").read_text(), re.MULTILINE))
    text = (ROOT / "docker-compose.yml").read_text()
    defaults = dict(re.findall(r"\$\{([A-Z0-9_]+):-([^${}]+)\}", text))

    different = {name: (lines[name], value) for name, value in defaults.items() if lines.get(name, value) != value}

    assert not different

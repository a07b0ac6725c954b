"""The example programs of the documentation pass strict type checks, without casts, and run."""

import shutil
import sys
from pathlib import Path

import pytest

from apps.users.tests.factories import PASSWORD, UserFactory
from scripts.clients.tools import DOCUMENT, run
from scripts.local.environment import ROOT

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]

EXAMPLES = ROOT / "docs" / "examples"
TOOLS = Path(sys.executable).parent
LINES = [
    "logged in as ann",
    "LIG-3 is due at ",
    "plan.txt: 16 bytes of text/plain",
    "by due date: LIG-1, LIG-2, LIG-3",
    "version 2 of LIG-3: Clean the big lamp",
    "412: ",
]


@pytest.fixture
def ann():
    return UserFactory(username="ann")


def assert_toured(said):
    print(said)
    lines = said.strip().splitlines()
    assert len(lines) == len(LINES)
    assert all(line.startswith(start) for line, start in zip(lines, LINES, strict=True))
    assert "assigned to ann" in lines[1]


@pytest.mark.parametrize(
    ("example", "ways_out"),
    [
        ("python/tour.py", ["cast(", "type: ignore"]),
        ("typescript/tour.ts", ["@ts-", "any", " as never", " as unknown", " as paths", " as components", " as Blob"]),
    ],
)
def test_an_example_has_no_casts(example, ways_out):
    source = (EXAMPLES / example).read_text()

    assert [word for word in ways_out if word in source] == []


def test_the_python_program_is_typed_and_runs(ann, live_server, tmp_path):
    shutil.copy(EXAMPLES / "python" / "tour.py", tmp_path)
    make = ["generate", "--path", DOCUMENT, "--meta", "none", "--output-path", "taskhouse_client"]
    run([TOOLS / "openapi-python-client", *make], cwd=tmp_path)

    run([TOOLS / "mypy", "--strict", "--follow-imports=silent", "tour.py"], cwd=tmp_path)
    said = run([sys.executable, "tour.py", live_server.url, "ann", PASSWORD], cwd=tmp_path)

    assert_toured(said)


@pytest.mark.system
def test_the_typescript_program_is_typed_and_runs(ann, live_server, node_modules, tmp_path):
    folder = tmp_path / "typescript"
    shutil.copytree(EXAMPLES / "typescript", folder)
    (folder / "node_modules").symlink_to(node_modules)
    run(["node", "generate.mjs", DOCUMENT], cwd=folder)

    run([node_modules / ".bin" / "tsc", "--project", "."], cwd=folder)
    said = run(["node", "main.mjs", live_server.url, "ann", PASSWORD], cwd=folder)

    assert_toured(said)

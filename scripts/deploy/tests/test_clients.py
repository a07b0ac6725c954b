"""The documented command makes a Python client, and the tour runs through it."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from scripts.deploy.tests.compose import ROOT

pytestmark = [pytest.mark.slow]

COMMAND = re.compile(r"<!-- runnable: client -->\n```sh\n(.+?)\n```", re.DOTALL)


@pytest.fixture(scope="module")
def client(tmp_path_factory):
    folder = tmp_path_factory.mktemp("client")
    (folder / "docs").symlink_to(ROOT / "docs")
    command = COMMAND.search((ROOT / "docs" / "clients.md").read_text())[1]
    env = os.environ | {"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
    done = subprocess.run(["sh", "-ec", command], cwd=folder, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "WARNING parsing" not in done.stdout + done.stderr, done.stdout
    return folder / "taskhouse_client"


def test_the_generated_client_has_a_function_for_every_operation(client):
    functions = [path for path in (client / "api").glob("*/*.py") if path.name != "__init__.py"]
    operations = (ROOT / "docs" / "openapi.yml").read_text().count("operationId:")

    names = [f"{client.name}.api.{path.parent.name}.{path.stem}" for path in functions]
    code = f"import importlib; [importlib.import_module(name) for name in {names}]"
    done = subprocess.run([sys.executable, "-c", code], cwd=client.parent, capture_output=True, text=True, check=False)

    print(f"{len(functions)} functions for {operations} operations")
    assert len(functions) == operations
    assert done.returncode == 0, done.stderr


@pytest.mark.system
@pytest.mark.stack
def test_the_tour_runs_through_the_generated_client(house, client):
    argv = ["python", "-m", "scripts.deploy.tests.client_tour", client, "http://localhost:8080", house.mail]

    done = house.machine.run(argv, env=house.client_env(), timeout=600, check=False)

    print(*done.stdout.splitlines()[-2:], sep="\n")
    assert done.returncode == 0, done.stdout + done.stderr

"""The benchmark runs and measures what it says."""

from __future__ import annotations

import json
import os
import re
import subprocess
from pathlib import Path

import pytest

from apps.projects.serializers import ProjectSerializer
from apps.tasks.serializers import TaskDetailSerializer, TaskSerializer
from scripts.bench import floor_sql
from scripts.local.tools import needs

ROOT = Path(__file__).resolve().parents[3]


@pytest.mark.system
def test_a_short_run_measures_every_server_without_an_error(tmp_path):
    needs("wrk", "h2load")
    figures = tmp_path / "figures.json"
    others = ("TEST_", "POSTGRES_", "DATABASE_")
    env = {name: value for name, value in os.environ.items() if not name.startswith(others)}
    options = "--tasks 10000 --no-large --seconds 1 --rounds 1 --operations newest --json"
    argv = [ROOT / "scripts/bench/run", *options.split(), str(figures)]  # as in a new clone: on whatever Python

    run = subprocess.run(argv, cwd="/", env=env, capture_output=True, text=True, timeout=600)

    assert run.returncode == 0, run.stderr
    [row] = json.loads(figures.read_text())["rows"]
    print(run.stdout)
    assert row["errors"] == {"ours": 0, "floor": 0, "plain": 0, "orm": 0}
    assert min(row["rate"], row["floor"], row["plain"], row["orm"], row["bound"]) > 0


def test_the_floor_writes_every_field_that_the_api_shows():
    only_if_asked_for = {"rollup", "description_html", "effects"}
    lists, detail = set(TaskSerializer.Meta.fields), set(TaskDetailSerializer.Meta.fields) - only_if_asked_for

    assert _names(floor_sql.NEWEST) >= lists
    assert _names(floor_sql.ONE_TASK) >= detail
    assert _names(floor_sql.PROJECTS) >= set(ProjectSerializer.Meta.fields)


def _names(statement: str) -> set[str]:
    """Return the keys of the JSON that a statement writes."""
    return set(re.findall(r"'(\w+)', ", statement))

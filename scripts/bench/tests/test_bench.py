"""The benchmark runs and measures what it says."""

from __future__ import annotations

import json
import os
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest

from apps.projects.serializers import ProjectSerializer
from apps.tasks.serializers import TaskDetailSerializer, TaskSerializer
from scripts.bench import floor_sql, growth
from scripts.bench.__main__ import PACED, reported_errors
from scripts.bench.load import CONNECTIONS
from scripts.local.tools import needs

ROOT = Path(__file__).resolve().parents[3]


def _figures(folder: Path, options: str) -> dict[str, Any]:
    """Run the benchmark as in a new clone, on whatever Python; return its figures."""
    needs("wrk", "h2load")
    figures = folder / "figures.json"
    others = ("TEST_", "POSTGRES_", "DATABASE_")
    env = {name: value for name, value in os.environ.items() if not name.startswith(others)}
    argv = [ROOT / "scripts/bench/run", *options.split(), "--json", str(figures)]

    run = subprocess.run(argv, cwd="/", env=env, capture_output=True, text=True, timeout=600)

    assert run.returncode == 0, run.stderr
    print(run.stdout)
    found: dict[str, Any] = json.loads(figures.read_text())
    return found


@pytest.mark.system
def test_growth_compares_sites_of_several_sizes_and_finds_them_again(tmp_path):
    sites = tmp_path / "sites"
    options = f"--growth 5000,10000 --no-large --seconds 1 --rounds 1 --operations comment --folder {sites}"

    first, second = _figures(tmp_path, options), _figures(tmp_path, f"{options} --no-upkeep")

    assert [row["operation"] for row in first["operations"]] == ["comments of a task", "comment"]
    assert all(len(row["p50_ms"]) == 2 and row["growth"] > 0 for row in first["operations"])
    for found in (first, second):
        grown = {row["operation"] for row in found["operations"] if row["growth"] > growth.ALLOWED}
        assert set(found["plans"]) == grown
    assert [site["tasks"] for site in first["sites"]] == [5_000, 10_000]
    for was, now in zip(first["sites"], second["sites"], strict=True):
        assert was["errors"] == now["errors"] == 0
        assert was["shared_buffers"] == growth.MEMORY
        assert was["fill_seconds"] > 0
        assert now["fill_seconds"] is None
        assert {*was} - {*now} == {"backup_seconds", "check_counters_seconds", "sweep_seconds"}
        assert was["tables"][0]["table"] == "tasks_task"
        assert was["tables"][0]["rows"] == was["tasks"]


@pytest.mark.system
def test_a_short_run_measures_every_server_without_an_error(tmp_path):
    [row] = _figures(tmp_path, "--tasks 10000 --no-large --seconds 1 --rounds 1 --operations newest")["rows"]

    assert row["errors"] == {"ours": 0, "floor": 0, "plain": 0, "orm": 0}
    assert min(row["rate"], row["floor"], row["plain"], row["orm"], row["bound"]) > 0


@pytest.mark.system
def test_creations_at_once_in_one_project_fail_nowhere(tmp_path):
    options = "--tasks 5000 --no-large --seconds 2 --rounds 1 --operations create --open-loop"
    figures = _figures(tmp_path, options)
    [row], [paced] = figures["rows"], figures["open_loop"]

    assert paced["errors"] == 0
    assert paced["p99"] >= paced["p50"] > 0
    assert paced["requests"] > PACED - CONNECTIONS  # each connection leaves out a last part of a request
    assert paced["floor"]["errors"] == 0
    assert paced["floor"]["requests"] == paced["requests"]
    assert paced["floor"]["p99"] >= paced["floor"]["p50"] > 0
    assert row["errors"] == {"ours": 0, "floor": 0, "plain": 0, "orm": 0}
    assert row["floor"] > 0


def test_errors_of_a_yardstick_are_named_and_make_the_run_fail(capsys):
    row = {"operation": "create", "errors": {"ours": 0, "floor": 255, "plain": 0, "orm": 0}}

    assert reported_errors([row])
    assert capsys.readouterr().err == "create: 255 errors of floor\n"
    assert not reported_errors([row | {"errors": {"ours": 0, "floor": 0}}])


def test_the_floor_writes_every_field_that_the_api_shows():
    only_if_asked_for = {"rollup", "description_html", "effects"}
    lists, detail = set(TaskSerializer.Meta.fields), set(TaskDetailSerializer.Meta.fields) - only_if_asked_for

    assert _names(floor_sql.NEWEST) >= lists
    assert _names(floor_sql.ONE_TASK) >= detail
    assert _names(floor_sql.PROJECTS) >= set(ProjectSerializer.Meta.fields)


def _names(statement: str) -> set[str]:
    """Return the keys of the JSON that a statement writes."""
    return set(re.findall(r"'(\w+)', ", statement))

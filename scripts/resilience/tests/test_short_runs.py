"""A short run of every scenario, with real processes; the long ones are in docs/operations.md."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import Any

import pytest

from scripts.local.environment import ROOT
from scripts.local.slowness import slowness

pytestmark = [pytest.mark.slow, pytest.mark.stack]


def play(scenario: str, *options: str) -> dict[str, Any]:
    """Run a scenario in a process of its own, print its figures and return them, with the machine's slowness."""
    elsewhere = ("DATABASE_", "POSTGRES_", "REDIS_", "EMAIL_", "TEST_", "DJANGO_", "FAULT_")
    env = {name: value for name, value in os.environ.items() if not name.startswith(elsewhere)}
    command = [sys.executable, "-m", "scripts.resilience", scenario, "--json", *options]
    before = slowness()
    done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, timeout=1800, check=False)
    assert done.stdout, done.stderr[-3000:]
    figures: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    figures["slowness"] = max(before, slowness())
    print(f"{scenario}: {figures}")
    return figures


def test_every_fault_point_recovers():
    figures = play("fault_points")

    assert figures["wrong"] == {}
    assert figures["lost"] == figures["missing"] == figures["unlisted"] == 0
    assert set(figures["doubled_at"]) <= {"worker.data_sent", "worker.accepted"}


def test_chaos_loses_nothing_and_counts_what_it_doubles():
    figures = play("chaos", "--notifications", "150", "--seconds", "15", "--seed", "7")

    assert figures["committed"] >= 150
    assert figures["lost"] == figures["missing"] == figures["unlisted"] == figures["api_errors"] == 0
    assert figures["doubled"] <= figures["uncertain"]
    assert figures["seconds_to_calm"] <= 60 * figures["slowness"]


def test_no_trouble_of_the_mail_server_loses_a_mail():
    figures = play("mail_outage", "--notifications", "40", "--outage-seconds", "2")

    assert figures["lost"] == 0
    assert figures["ok"], figures


def test_without_redis_the_api_goes_on_and_no_mail_is_lost():
    figures = play("redis_outage", "--seconds", "6", "--flushes", "3", "--sweep")

    assert figures["lost"] == figures["missing"] == figures["api_errors"] == 0
    assert 0 not in figures["answers"]
    most = 30 * figures["slowness"]
    assert all(seconds is not None and seconds <= most for seconds in figures["seconds_to_calm"].values())


def test_one_worker_process_sends_every_mail_and_every_delivery_once_and_imports_every_row():
    figures = play("throughput", "--notifications", "500", "--deliveries", "1500", "--rows", "1000")

    assert figures["mails_sent"] == 500
    assert figures["webhooks_sent"] == 1500
    assert {figures[f"{name}_{what}"] for name in ("mails", "webhooks") for what in ("lost", "doubled", "strange")} == {
        0
    }
    assert figures["imports_created"] == figures["imports_tasks"] == 1000
    assert figures["archive_created"] == figures["archive_tasks"] == 1000
    assert figures["archive_comments"] == figures["imports_comments"] == 250
    assert figures["archive_relations"] == figures["imports_relations"] == 200
    for name in ("mails", "webhooks", "imports", "archive"):
        assert figures[f"{name}_per_second"] > 0
        assert figures[f"{name}_worker_cpu_ms"] > 0
    assert figures["ok"], figures


def test_two_beats_and_a_gap_remind_exactly_once_in_each_zone_s_own_time():
    figures = play("reminders")

    assert figures["reminders"] == figures["tasks_reminded_of"] == figures["expected"] == 300
    assert figures["zones"] == 20
    assert figures["wrong_local_times"] == 0


def test_a_killed_database_loses_nothing_acknowledged_and_answers_503():
    figures = play("database_outage", "--kills", "2", "--notifications", "60")

    assert figures["lost"] == figures["missing"] == figures["unlisted"] == 0
    assert set(map(int, figures["answers"])) <= {201, 503}, figures["unexpected"]
    assert max(figures["seconds_until_back"]) <= 10 * figures["slowness"]


def test_a_mixed_load_with_restarts_fails_nowhere_and_loses_nothing():
    """Restarts lose no request, mail, webhook event or change on a live stream."""
    figures = play("long", "--minutes", "1", "--restarts", "2", "--every", "5")

    assert figures["rounds_of_restarts"] == 2
    assert all(figures["requests_of_each_kind"].get(kind) for kind in ("login", "upload", "restore", "page: board"))
    assert figures["mails"] > 0 < figures["webhook_events"]
    assert figures["streams_reopened"] >= figures["streams"]
    assert figures["ok"], figures


def test_sr1_sr2_sr3_sr6_live_streams_miss_nothing_and_the_drill_says_what_a_change_costs():
    figures = play("streams", "--streams", "20", "--requests", "20", "--changes", "20")

    assert figures["connections_to_postgresql"] <= 4
    heard = [figures[name] for name in ("heard_of_change", "without_valkey", "valkey_back")]
    assert all(each["heard"] == each["of"] > 0 for each in heard)
    assert figures["removed"]["silent_after_ms"] <= 5_000 * figures["slowness"]
    assert figures["reload"]["byes"] == figures["reload"]["streams"] > 0
    assert figures["reload"]["missed"] == 0
    assert not {"polling", "revived"} & set(figures["broken"])
    assert figures["cpu_ms_per_change_beside"]["web"] > 0
    assert 0 < figures["told_per_change"] <= 1

"""`rolling-restart` with commands that only note what they are asked for; test_proxy.py runs it with real processes."""

from __future__ import annotations

import os
import subprocess

from scripts.deploy.tests.compose import ROOT

UPSTREAM = """
upstream taskhouse {
    server 127.0.0.1:8001 max_fails=1;
    server 127.0.0.1:8002 max_fails=1;
}
"""


def roll(folder, *ports, **env):
    """Run it; return its exit code and what was done, each with the instances that nginx left out then."""
    upstream, note = folder / "upstream.conf", folder / "note"
    upstream.write_text(UPSTREAM)
    note.write_text(f'#!/bin/sh\necho "$@" "$(grep down "{upstream}" | grep -o 800.)" >>"{folder}/notes"\n')
    note.chmod(0o755)
    known = {"UPSTREAM": str(upstream), "SETTLE_SECONDS": "0", "RESTART": f"{note} restart", "RELOAD": f"{note} nginx"}
    command = [ROOT / "scripts" / "deploy" / "rolling-restart", *ports]
    done = subprocess.run(command, env=os.environ | known | env, capture_output=True, text=True, check=False)
    assert upstream.read_text() == UPSTREAM
    notes = folder / "notes"
    return done.returncode, notes.read_text().split("\n")[:-1] if notes.exists() else []


def test_the_web_processes_come_one_by_one_and_the_live_stream_last(tmp_path):
    code, notes = roll(tmp_path, "8001", "8002", RELOAD_STREAM=f"{tmp_path}/note stream")

    assert code == 0
    assert [note.strip() for note in notes if not note.startswith("nginx")] == [
        "restart taskhouse-web@8001 8001",
        "restart taskhouse-web@8002 8002",
        "stream taskhouse-stream",
    ]


def test_a_port_that_nginx_does_not_know_changes_nothing(tmp_path):
    assert roll(tmp_path, "8001", "8003", RELOAD_STREAM=f"{tmp_path}/note stream") == (1, [])

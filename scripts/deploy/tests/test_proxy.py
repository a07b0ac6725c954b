"""The shipped proxy: slow clients, private files, limits, and restarts that nobody notifications."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from pathlib import Path

import pytest

from scripts.deploy.tests.compose import ROOT
from scripts.deploy.tests.machine import eventually
from scripts.deploy.tests.test_containers import curl
from scripts.local import processes

pytestmark = [pytest.mark.slow, pytest.mark.system, pytest.mark.stack]

PROXY = "http://localhost:8080"
SLOW_SOCKETS = 500
ROUNDS = 3


@pytest.fixture(scope="module")
def token(house):
    return house.traffic("login", "--url", PROXY).stdout.strip()


def load(house, token, *words):
    done = house.traffic("load", "--url", PROXY, "--token", token, *words)
    return json.loads(done.stdout.splitlines()[-1])


def background(house, name, *words):
    """Start clients that write to a file, and return (process, file)."""
    log = house.folder / f"{name}.log"
    log.unlink(missing_ok=True)
    return house.machine.spawn(house.traffic_command(*words), log=log, env=house.client_env()), log


def test_500_slow_sockets_do_not_slow_honest_clients_down(house, token):
    quick = ("--seconds", 4, "--threads", 2, "--pause", 0.02)
    seen = []
    for _ in range(ROUNDS):
        alone = load(house, token, *quick)
        slow, log = background(house, "slow", "slow", "--port", 8080, "--sockets", SLOW_SOCKETS, "--seconds", 6)
        eventually(lambda log=log: "open" in log.read_text(), seconds=20, what="slow sockets open")
        among = load(house, token, *quick)
        slow.wait(120)
        seen.append((alone, among))
        print(
            f"p95 {alone['p95_ms']} ms alone ({alone['requests']} requests), "
            f"{among['p95_ms']} ms among {SLOW_SOCKETS} slow sockets ({among['requests']} requests)"
        )
        if among["p95_ms"] <= 2 * alone["p95_ms"]:
            break

    assert all(not result["failures"] for pair in seen for result in pair), seen
    assert any(among["p95_ms"] <= 2 * alone["p95_ms"] for alone, among in seen)
    assert json.loads(log.read_text().splitlines()[-1])["opened"] == SLOW_SOCKETS


def test_a_private_file_comes_from_nginx_with_the_headers_that_make_it_harmless(house, token):
    made = json.loads(house.traffic("upload", "--url", PROXY, "--token", token, "--files", 1).stdout.splitlines()[-1])
    one = made["uploaded"][0]
    path = f"{PROXY}/api/tasks/{made['task']}/attachments/{one['id']}/download/"

    answer = curl(house, "--include", "--header", f"Authorization: Bearer {token}", path)
    head, _, body = answer.partition("\n\n")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in head.splitlines())}

    assert head.startswith("HTTP/1.1 200")
    assert body == one["content"]
    assert headers["content-disposition"].startswith("attachment")
    assert headers["x-content-type-options"] == "nosniff"
    assert "sandbox" in headers["content-security-policy"]
    assert "x-accel-redirect" not in headers
    assert curl(house, "--include", path).startswith("HTTP/1.1 401")
    assert curl(house, "--include", f"{PROXY}/protected/{one['id']}").startswith("HTTP/1.1 404")


def test_an_answer_of_the_proxy_itself_is_a_problem_too(house, token):
    big = house.folder / "big.json"
    big.write_bytes(b" " * 2_000_000)

    answer = curl(house, "--include", "--data-binary", f"@{big}", "--header", "Expect:", f"{PROXY}/api/tasks/")
    head, _, body = answer.partition("\n\n")

    assert head.startswith("HTTP/1.1 413")
    assert "application/problem+json" in head
    assert json.loads(body)["code"] == "payload_too_large"


class Restarter:
    """Stands in for systemd: restarts a web instance when the script asks, from the main thread."""

    def __init__(self, house, ports):
        self.house, self.folder = house, house.folder / "restarts"
        self.folder.mkdir()
        self.command = self.folder / "restart"
        self.command.write_text(
            f'#!/bin/sh\ncd "{self.folder}"\nrm -f "done-$1"\ntouch "wanted-$1"\n'
            'until [ -e "done-$1" ]; do sleep 0.1; done\n'
        )
        self.command.chmod(0o755)
        for port in ports:
            self.start(port)

    def start(self, port):
        self.house.start("web", f"taskhouse-web@{port}", WEB_BIND=f"127.0.0.1:{port}")

    def serve(self, script):
        """Restart what is asked for until the script ends; return how many restarts there were."""
        count = 0
        while script.poll() is None:
            for wanted in self.folder.glob("wanted-*"):
                name = wanted.name.removeprefix("wanted-")
                wanted.unlink()
                self.house.stop(name)
                self.start(name.rpartition("@")[2])
                (self.folder / f"done-{name}").touch()
                count += 1
            time.sleep(0.05)
        return count


@pytest.fixture
def two_instances(house):
    """Two gunicorn masters in nginx's list, as the deployment guide has them."""
    upstream = house.folder / "etc-nginx" / "taskhouse" / "upstream.conf"
    before = upstream.read_text()
    line = "    server web:8000 max_fails=1 fail_timeout=2s;\n"
    assert line in before
    upstream.write_text(
        before.replace(line, line.replace("web:8000", "127.0.0.1:8001") + line.replace("web:8000", "127.0.0.1:8002"))
    )
    restarter = Restarter(house, (8001, 8002))
    reload_nginx(house)
    yield restarter
    upstream.write_text(before)
    reload_nginx(house)
    for port in (8001, 8002):
        house.stop(f"taskhouse-web@{port}")


def reload_nginx(house):
    """Let nginx read its files again, and wait until the workers that know them are there."""
    master = house.running["proxy"].process.pid
    before = set(processes.children(master))
    os.kill(master, signal.SIGHUP)
    eventually(lambda: bool(set(processes.children(master)) - before), seconds=10, what="nginx's new workers")


def test_a_rolling_restart_fails_no_request(house, token, two_instances):
    over = house.folder / "rolling-is-over"
    words = ("--url", PROXY, "--token", token, "--seconds", 60, "--threads", 3, "--until-file", over)
    clients, log = background(house, "rolling", "load", *words)
    time.sleep(1)
    env = os.environ | {
        "UPSTREAM": str(house.folder / "etc-nginx" / "taskhouse" / "upstream.conf"),
        "RELOAD": f"kill -HUP {house.running['proxy'].process.pid}",
        "RESTART": str(two_instances.command),
        "RELOAD_STREAM": ":",  # see test_rolling_restart.py and `./scripts/chaos streams`
    }
    began = time.monotonic()
    script = subprocess.Popen([ROOT / "scripts" / "deploy" / "rolling-restart", "8001", "8002"], env=env)

    restarts = two_instances.serve(script)
    seconds = time.monotonic() - began
    over.touch()
    clients.wait(300)
    result = json.loads(Path(log).read_text().splitlines()[-1])

    failed = sum(result["failures"].values())
    print(f"{result['requests']} requests over {restarts} restarts in {seconds:.0f} s, failed {failed}")
    assert (script.returncode, restarts) == (0, 2)
    assert result["requests"] > 100
    assert result["failures"] == {}

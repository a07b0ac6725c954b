"""Two web and three worker machines with own addresses, one database, one Valkey: any of them may go."""

from __future__ import annotations

import json
import time

import pytest

from scripts.deploy.tests.machine import Machine, eventually, link
from scripts.deploy.tests.test_proxy import background

pytestmark = [pytest.mark.slow, pytest.mark.system, pytest.mark.stack]

WEBS = ("web-1", "web-2")
WORKERS = ("worker-1", "worker-2", "worker-3")


@pytest.fixture
def machines(house):
    """Five machines wired to the one with the database; its own web and worker stand still meanwhile."""
    for name in ("web", "worker"):
        house.stop(name)
    nodes = {}
    try:
        for number, name in enumerate((*WEBS, *WORKERS), 1):
            hub = f"10.77.{number}.1"
            hosts = dict.fromkeys(("db", "redis", "mail"), hub)
            nodes[name] = Machine(f"n{number}", hosts=hosts, mounts=house.mounts)
            assert link(house.machine, nodes[name], number) == hub
            house.start(name.partition("-")[0], name, machine=nodes[name])
        yield nodes
    finally:
        for name in [name for name in nodes if name in house.running]:
            house.stop(name)
        for node in nodes.values():
            node.close()
        for name in ("web", "worker"):
            house.start(name)


def accepted(house, address):
    lines = (json.loads(line) for line in (house.mail / "accepted").read_text().splitlines())
    return [line["message_id"] for line in lines if address in line["recipients"]]


def assignments(house, task_ids):
    """Return {state of the mail: how many} for the notifications that the tasks' assignee is owed."""
    with house.connect() as connection:
        rows = connection.execute(
            "SELECT mail_state, count(*) FROM notifications_notification"
            " WHERE kind = 'task_assigned' AND task_id = ANY(%s) GROUP BY 1",
            [task_ids],
        )
        return dict(rows.fetchall())


def expire_leases(house):
    """Let the time pass after which the rows of a dead worker may be claimed again (120 s)."""
    with house.connect() as connection:
        update = "UPDATE notifications_notification SET next_attempt_at = now() WHERE mail_state = 'sending'"
        return connection.execute(update).rowcount


def test_a_web_and_a_worker_machine_die_under_load_and_nothing_is_lost(house, machines):
    urls = [f"http://10.77.{number}.2:8000" for number in (1, 2)]
    team = json.loads(house.traffic("team", "--url", urls[0]).stdout.splitlines()[-1])
    # The address to verify, and being taken into the project.
    eventually(lambda: len(accepted(house, team["address"])) == 2, seconds=40, what="two mails before the load")
    words = ["load", "--url", urls[0], "--retry-url", urls[1], "--seconds", 9, "--threads", 4, "--pause", 0.05]
    clients, log = background(house, "dying", *words, "--token", team["token"], "--body", json.dumps(team["body"]))

    time.sleep(3)
    house.kill("worker-1")
    time.sleep(1)
    house.kill("web-1")
    clients.wait(300)
    claimed = expire_leases(house)
    result = json.loads(log.read_text().splitlines()[-1])
    created = result["created"]
    eventually(
        lambda: assignments(house, created) == {"sent": len(created)},
        seconds=60,
        what=f"every notification sent, but {assignments(house, created)}",
    )
    mails = accepted(house, team["address"])[2:]

    failed = sum(result["failures"].values())
    print(
        f"{result['requests']} requests, {result['retried']} tried again elsewhere, failed then {failed}; "
        f"{len(created)} tasks assigned, {claimed} mails in the hands of the dead worker, "
        f"lost {len(created) - len(set(mails))}, doubled {len(mails) - len(set(mails))}"
    )
    assert result["failures"] == {}
    assert result["retried"] > 0
    assert len(created) > 20
    assert len(set(mails)) == len(created)

"""Lets receivers of webhooks fail in every way while workers die: no event is lost, none has two ids, none leaks."""

from __future__ import annotations

import argparse
import socket
import sys
import time
from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path
from typing import Any

from scripts.local import processes
from scripts.resilience.fault_points import PARTS, QUICKLY, points
from scripts.resilience.installation import Installation
from scripts.resilience.receiver import Receiver, Step
from scripts.resilience.traffic import Client, make_cast

PATIENCE = 60  # seconds for a process to reach a point
LATEST = 15.0  # seconds that a receiver which hangs may hold up another (contract WH6)
OURS, FORBIDDEN = "127.0.0.1", "127.0.0.2"
# An address that is not allowed, in every notation that resolvers and libraries know, and other networks
SPELLINGS = (
    FORBIDDEN, "2130706434", "0x7f000002", "0x7f.0.0.2", "017700000002", "0177.0.0.2", "127.2", "127.0.2",
    f"{FORBIDDEN}.", "127%2E0%2E0%2E2", "127。0。0。2", "①②⑦.0.0.2", "[::ffff:127.0.0.2]", "[::ffff:7f00:2]",
    "[::127.0.0.2]", "[64:ff9b::7f00:2]", "[2002:7f00:2::]", "[::1]", "[::]", "0", "0.0.0.0",
    "169.254.169.254", "0xa9fea9fe", "10.0.0.1", "172.16.0.1", "192.168.0.1", "3232235521", "100.64.0.1", "224.0.0.1",
    "255.255.255.255", "[fd00::1]", "[fe80::1]", "[fe80::1%25lo]", "[fec0::1]", "[ff02::1]", "[64:ff9b::a00:1]",
    "[2002:a00:1::]", "[::ffff:10.0.0.1]",
)  # fmt: skip


def arguments(parser: argparse.ArgumentParser) -> None:
    """Name the options."""
    parser.add_argument("--events", type=int, default=60)


def run(options: argparse.Namespace, folder: Path) -> dict[str, Any]:
    """Send events to receivers that fail in every way, and return the figures."""
    settings = dict.fromkeys(QUICKLY, "1") | {
        "FAULT_POINT": f"@{folder / 'armed'}",
        "WEBHOOK_ALLOW_HTTP": "true",
        "WEBHOOK_ALLOWED_NETWORKS": f"{OURS}/32",
    }
    with Installation(folder, settings=settings) as installation:
        for part in PARTS:
            installation.start(part)
        installation.wait_for_web()
        installation.open_django()
        fire = Fire(installation)
        longest = fire.beside_hanging(options.events)
        died = f"{fire.under_kills()} of {len(points('webhook'))} points"
        fire.calm()
        figures = {"longest_beside_hanging": longest, "died_at": died, **fire.figures()}
        figures |= {"internal_reached": fire.internal(), "rebound": fire.rebound()}
    return figures | {"ok": fire.is_well and longest < LATEST}


class Fire:
    """A project with one webhook for each way to fail."""

    def __init__(self, installation: Installation) -> None:
        self.installation = installation
        self.canary = Receiver()  # where nothing may come: redirects lead here
        self.allowed = Receiver()  # has the same port as the forbidden one
        self.forbidden = Receiver(host=FORBIDDEN, port=self.allowed.port)
        elsewhere = {"Location": self.canary.url}
        self.receivers = {
            "good": Receiver(),
            "down": Receiver(is_down=True),
            "slow": Receiver([Step(seconds=1)] * 20),
            "hanging": Receiver([Step(seconds=20)] * 5),
            "500": Receiver([Step(500)] * 3),
            "429": Receiver([Step(429, {"Retry-After": "1"})] * 3),
            "503": Receiver([Step(503, {"Retry-After": "1"})] * 3),
            "redirecting": Receiver([Step(302, elsewhere), Step(307, elsewhere), Step(308, elsewhere)]),
            "gone": Receiver([Step(410)]),
        }
        self.client = Client(installation.url, make_cast(installation.url).token)
        self.project = self._insist("/api/projects/", {"name": "Under fire"})["id"]
        self.path = f"/api/projects/{self.project}/webhooks/"
        self.hooks: dict[str, int] = {}
        for name, receiver in self.receivers.items():
            made = self._insist(self.path, {"url": receiver.url, "events": ["task.created"], "description": name})
            self.hooks[name], receiver.secret = made["id"], made["secret"]
        self.is_well = True

    def _insist(self, path: str, body: Any) -> Any:
        answer = self.client.insist("POST", path, body)
        assert answer.status < 300, (path, answer)
        return answer.body

    def _tasks(self, count: int) -> None:
        for number in range(count):
            self._insist("/api/tasks/", {"title": f"Event {number}", "project": self.project})

    def events(self) -> dict[int, tuple[str, float]]:
        """Return {seq: (event id, when)} of the events that every webhook gets."""
        from apps.projects.models import Activity

        rows = Activity.objects.filter(project=self.project, type="task.created")
        return {row.seq: (str(row.event_id), row.created_at.timestamp()) for row in rows}

    def beside_hanging(self, count: int) -> float:
        """Return the longest time from an event to the good receiver, in seconds, while another hangs."""
        print("beside a receiver that hangs", file=sys.stderr, flush=True)
        self._tasks(count)
        good = self.receivers["good"]
        processes.wait_until(lambda: not good.missing(self.events()), seconds=PATIENCE)
        late = [good.came[seq] - at if seq in good.came else 999.0 for seq, (_, at) in self.events().items()]
        return round(max(late), 1)

    def under_kills(self) -> int:
        """Let the worker die at each of its points, and take everything out of Valkey; return at how many it died."""
        died, armed = 0, self.installation.folder / "armed"
        for point in points("webhook"):
            print(point, file=sys.stderr, flush=True)
            armed.write_text(point)
            self._tasks(2)
            died += processes.wait_until(lambda: not armed.exists(), seconds=PATIENCE)
            armed.unlink(missing_ok=True)
            self.installation.stack.valkey.command("FLUSHALL")
            time.sleep(0.2)
            self.installation.revive()
        self.is_well &= died == len(points("webhook"))
        return died

    def calm(self) -> None:
        """Let everything work again, as if time had passed, and enable what was disabled."""
        print("calm", file=sys.stderr, flush=True)
        self.receivers["down"].listen()
        processes.wait_until(lambda: self._state("gone") == "disabled" or self._hurry(), seconds=PATIENCE)
        began = min(at for _, at in self.events().values())
        self._insist(f"{self.path}{self.hooks['gone']}/enable/", {})
        span = {"since": _instant(began - 60), "state": "missing"}
        self._insist(f"{self.path}{self.hooks['gone']}/redeliver/", span)
        processes.wait_until(lambda: not self._lost() or self._hurry(), seconds=240, pause=0.5)

    def _state(self, name: str) -> str:
        from apps.webhooks.models import Webhook

        return Webhook.objects.get(pk=self.hooks[name]).state

    def _hurry(self) -> bool:
        """Revive what died, and make what waits for a lease or its next attempt due; return False."""
        from django.utils import timezone

        from apps.webhooks.models import Delivery

        self.installation.revive()
        soon = timezone.now() + timedelta(seconds=2)
        Delivery.objects.filter(state="pending", next_attempt_at__gt=soon).update(next_attempt_at=timezone.now())
        return False

    def _lost(self) -> int:
        events = self.events()
        return sum(len(receiver.missing(events)) for receiver in self.receivers.values())

    def figures(self) -> dict[str, Any]:
        """Return what was sent and what came."""
        events, every = self.events(), self.receivers.values()
        known = {seq: {event_id} for seq, (event_id, _) in events.items()}
        figures = {
            "events": len(events),
            "receivers": len(self.receivers),
            "requests": sum(receiver.hits for receiver in every),
            "lost": self._lost(),
            "other_ids": sum(receiver.ids[seq] != known.get(seq) for receiver in every for seq in receiver.ids),
            "wrong_signatures": sum(len(receiver.faults) for receiver in every),
            "redirects_followed": self.canary.hits,
        }
        self.is_well &= not any(figures[name] for name in list(figures)[3:])
        return figures

    def internal(self) -> str:
        """Try to reach an address that is not allowed, in every notation; return how often it was reached."""
        from apps.webhooks.delivering.sending import send

        saved, answered = [], 0
        for host in SPELLINGS:
            url = f"http://{host}:{self.forbidden.port}/"
            if self.client.insist("POST", self.path, {"url": url, "events": ["project.archived"]}).status != 400:
                saved.append(host)
            answered += send(url, {}, b"{}").code is not None
        self.is_well &= answered == self.forbidden.hits == 0
        unknown = f"; saved as names that nobody knows: {', '.join(saved)}" if saved else ""
        return f"{self.forbidden.hits} of {len(SPELLINGS)} notations{unknown}"

    def rebound(self) -> str:
        """Send to a name that changes between an allowed and a forbidden address; return how often that was reached."""
        from apps.webhooks.delivering.sending import send

        url, headers, before = f"http://rebound.test:{self.allowed.port}/", {"webhook-id": "1"}, self.forbidden.hits
        answers = [send(url, headers, b'{"data": {"seq": 1}}') for _ in _rebinding(40)]
        blocked = sum(answer.is_blocked for answer in answers)
        reached = self.forbidden.hits - before
        self.is_well &= reached == 0 and 0 < blocked < len(answers)
        return f"{reached} of {len(answers)} attempts, {blocked} blocked, {self.allowed.hits} at the allowed address"


def _rebinding(times: int) -> Iterable[int]:
    """Yield numbers while `rebound.test` leads to another address at each look-up."""
    original, turns = socket.getaddrinfo, iter(range(10_000))

    def look_up(host: Any, *rest: Any, **more: Any) -> Any:
        if host == "rebound.test":
            host = (OURS, FORBIDDEN, OURS, OURS, FORBIDDEN)[next(turns) % 5]
        return original(host, *rest, **more)

    socket.getaddrinfo = look_up
    try:
        yield from range(times)
    finally:
        socket.getaddrinfo = original


def _instant(seconds: float) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds))

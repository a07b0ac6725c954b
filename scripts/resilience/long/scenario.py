"""The long run: people at work, streams and webhooks open, rolling restarts, and samples of what everything holds."""

from __future__ import annotations

import argparse
import sys
import threading
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

from scripts.local.processes import wait_until
from scripts.resilience.installation import PRESENT, Installation
from scripts.resilience.listeners import Listener
from scripts.resilience.long import levels
from scripts.resilience.long.audience import Audience, Seat
from scripts.resilience.long.book import Book, quantiles
from scripts.resilience.long.people import Person, Place
from scripts.resilience.long.restarts import Restarts
from scripts.resilience.long.samples import Sampler
from scripts.resilience.receiver import Receiver
from scripts.resilience.stream_people import People, make_people
from scripts.resilience.streams import PER_PERSON, streams_answer
from scripts.resilience.tally import tally, wait_for_calm
from scripts.resilience.traffic import PASSWORD, Client

JUDGED = 10  # minutes from which on the thirds of a run say something about growth
CALM = 300  # seconds in which mails, webhooks and streams must have caught up at the end
SLOW = 30.0  # seconds after which a stream that has not heard of a change has missed it
SETTINGS = {
    "ACCESS_TOKEN_SECONDS": "86400",
    "THROTTLE_LOGIN": "1000000/60",
    "THROTTLE_STREAM": "1000000/60",
    "WORKER_CONCURRENCY": "2",
    "WEBHOOK_ALLOW_HTTP": "true",
    "WEBHOOK_ALLOWED_NETWORKS": "127.0.0.1/32",
}
GRACE = 25  # seconds, as config/gunicorn.py has it


def arguments(parser: argparse.ArgumentParser) -> None:
    """Name the options."""
    parser.add_argument("--minutes", type=float, default=30)
    parser.add_argument("--rate", type=float, default=10, help="requests a second of all people together, at most")
    parser.add_argument("--people", type=int, default=4, help="how many work at the same time")
    parser.add_argument("--streams", type=int, default=20, help="open live streams")
    parser.add_argument("--every", type=float, default=10, help="seconds between two samples")
    parser.add_argument("--restarts", type=int, default=4, help="rounds of restarts, all but one in the first third")


def run(options: argparse.Namespace, folder: Path) -> dict[str, Any]:
    """Work for so many minutes and return the figures."""
    with Installation(folder, settings=SETTINGS, grace=GRACE) as installation:
        installation.open_django()
        people = make_people(max(options.people, -(-options.streams // PER_PERSON)))
        give_passwords(people)
        installation.run_manage(PRESENT, "collectstatic", "--noinput", "--verbosity", "0")
        own = {name: {"PROMETHEUS_MULTIPROC_DIR": str(folder / f"metrics-{name}")} for name in ("web", "worker")}
        for name in own:
            Path(own[name]["PROMETHEUS_MULTIPROC_DIR"]).mkdir()
        restarts = Restarts(installation, own)
        for name in ("stream", "web-0", "worker", "beat"):
            restarts.start(name)
        installation.wait_for_web()
        assert wait_until(lambda: streams_answer(installation.port, people.owner), seconds=180)
        return LongRun(installation, people, options, restarts).run()


def give_passwords(people: People) -> None:
    """Let the members log in."""
    from django.contrib.auth.hashers import make_password
    from django.utils import timezone

    from apps.users.models import User

    members = User.objects.filter(pk__in=people.members)
    members.update(password=make_password(PASSWORD), email_verified_at=timezone.now())


class LongRun:
    """One run; `broken` collects what was promised and not kept."""

    def __init__(
        self, installation: Installation, people: People, options: argparse.Namespace, restarts: Restarts
    ) -> None:
        self.installation, self.people, self.options, self.restarts = installation, people, options, restarts
        self.book, self.over = Book(), threading.Event()
        tokens = [people.tokens[number // PER_PERSON] for number in range(options.streams)]
        self.audience = Audience(installation.port, people.project, [Seat(Listener(token)) for token in tokens])
        self.receiver = Receiver()
        self.sampler = Sampler(installation, options.every, tick=self._look)
        self.seen: list[tuple[float, int]] = []  # (when, newest number of the project), not heard by all so far
        self.late = 0
        self.broken: list[str] = []

    def run(self) -> dict[str, Any]:
        """Work, and return the figures."""
        self._open_webhook()
        self.audience.start()
        place = Place(self.installation.url, self.people, self.options.rate / self.options.people)
        workers = [Person(number, place, self.book, self.over) for number in range(self.options.people)]
        self.sampler.start()
        for worker in workers:
            worker.start()
        began = time.monotonic()
        self._restart_in_first_third(began)
        self._wait_until(began + self.options.minutes * 60)
        ended = time.monotonic()
        self.restarts.round()
        self._wait_until(time.monotonic() + 10)
        self.over.set()
        for worker in workers:
            worker.join()
        figures = self._arrived()
        self.sampler.close()
        self.audience.close()
        return self._report(began, ended, figures)

    def _open_webhook(self) -> None:
        client = Client(self.installation.url, self.people.owner)
        body = {"url": self.receiver.url, "events": ["task.*"]}
        made = client.insist("POST", f"/api/projects/{self.people.project}/webhooks/", body)
        self.receiver.secret = made.body["secret"]

    def _restart_in_first_third(self, began: float) -> None:
        """Restart round by round; what lives on from then must not grow."""
        rounds = self.options.restarts - 1
        for number in range(rounds):
            self._wait_until(began + self.options.minutes * 60 / 3 * (number + 0.5) / rounds)
            self.restarts.round()

    def _wait_until(self, moment: float) -> None:
        while (left := moment - time.monotonic()) > 0:
            time.sleep(min(left, 1))
            if dead := [name for name in self.installation.processes if not self.installation.is_alive(name)]:
                self.broken += [f"{name} died" for name in dead]
                self.installation.revive()

    def _look(self) -> None:
        """Note how far the project is, and whose stream has not heard of it for too long."""
        now = time.monotonic()
        self.seen = [(at, number) for at, number in self.seen if self.audience.behind(number)]
        if late := [number for at, number in self.seen if now - at > SLOW]:
            self.late += self.audience.behind(late[0])
            self.seen = [each for each in self.seen if each[1] not in late]
        self.seen.append((now, newest(self.people.project)))
        seconds, sample = now - self.book.began, self.sampler.samples[-1]
        said = f"{len(self.book.entries)} requests, {len(self.book.failed)} failed, {sample.connections}"
        print(f"{seconds:5.0f} s: {said}", file=sys.stderr, flush=True)

    def _arrived(self) -> dict[str, Any]:
        """Wait for what is under way, and count what came."""
        calm = wait_for_calm(seconds=CALM)
        wanted = events(self.people.project)
        wait_until(lambda: not self.receiver.missing(wanted), seconds=CALM)
        last = newest(self.people.project)
        wait_until(lambda: not self.audience.behind(last), seconds=SLOW)
        mails = tally(self.installation)
        figures = {
            "mails": mails.committed,
            "mails_lost": mails.lost,
            "mails_repeated": mails.doubled,
            "webhook_events": len(wanted),
            "webhook_events_lost": len(self.receiver.missing(wanted)),
            "webhook_events_repeated": len(self.receiver.got) - len(set(self.receiver.got)),
            "streams": len(self.audience.seats),
            "streams_reopened": self.audience.reopened(),
            "streams_that_missed_an_event": self.late + self.audience.behind(last),
        }
        if calm is None:
            self.broken.append("mails stay open")
        if trouble := self.receiver.trouble(wanted):
            self.broken.append(f"webhooks: {trouble}")
        zero = ("mails_lost", "mails_repeated", "webhook_events_lost", "streams_that_missed_an_event")
        self.broken += [f"{name.replace('_', ' ')}: {figures[name]}" for name in zero if figures[name]]
        return figures

    def _report(self, began: float, ended: float, arrived: dict[str, Any]) -> dict[str, Any]:
        samples, book = self.sampler.samples, self.book
        found = levels.growth(samples, began, ended)
        found["requests: p50 ÷ p50 of health"] = levels.latency(book, began, ended)
        bloated = levels.bloated(samples[-1])
        is_judged = self.options.minutes >= JUDGED
        if is_judged:
            self.broken += [f"{name} grows" for name, row in found.items() if not row["is_level"]]
        self.broken += [f"{name} has more dead rows than living ones" for name in bloated]
        self.broken += [f"{len(some)} {what}" for what, some in self._wrong().items() if some]
        return {
            "minutes": book.minutes(),
            "seconds": round(time.monotonic() - began),
            "requests": len(book.entries),
            "requests_of_each_kind": book.counts(),
            "failed": len(book.failed),
            "slowest_seconds": round(max((entry.milliseconds for entry in book.entries), default=0.0) / 1_000, 1),
            "first_failures": book.failed[:10],
            "unexpected": book.unexpected[:10],
            "rounds_of_restarts": self.restarts.count,
            **arrived,
            "samples": len(samples),
            "levels_are_judged": is_judged,
            "levels": found,
            "tables": {name: asdict(table) for name, table in samples[-1].tables.items()},
            "latency": {kind: quantiles(some) for kind, some in book.between(began, ended).items()},
            "broken": self.broken,
            "ok": not self.broken,
        }

    def _wrong(self) -> dict[str, list[str]]:
        return {"requests failed": self.book.failed, "unexpected answers": self.book.unexpected}


def newest(project: int) -> int:
    """Return the number of the newest event of the project."""
    return max(events(project, of=""), default=0)


def events(project: int, *, of: str = "task.") -> dict[int, str]:
    """Return {seq: event id} of the events of the project whose type begins so."""
    from apps.projects.models import Activity

    rows = Activity.objects.filter(project=project, type__startswith=of)
    return {seq: str(event_id) for seq, event_id in rows.values_list("seq", "event_id")}

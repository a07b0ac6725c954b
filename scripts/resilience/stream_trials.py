"""What is done to open live streams: a change, people who lose access, a reload, and parts that are killed."""

from __future__ import annotations

import http.client
import signal
import time
from typing import Any

from scripts.local.processes import wait_until
from scripts.resilience.installation import Installation
from scripts.resilience.listeners import Listener, close_all, open_all, read_until
from scripts.resilience.stream_people import People
from scripts.resilience.traffic import Client

PROMPT = 1.0  # seconds until a change is heard (contract SR2)
SILENT = 5.0  # seconds until somebody who lost access hears nothing more (contract SR3)
WITHOUT_VALKEY = 6.0  # seconds until a change is heard while Valkey is away
MEMORY = 150.0  # MB of the stream process with a thousand streams
RETRY = 3.0  # seconds that a client waits before it comes back, as the stream asks it to
PAUSE_OF_BREAKER = 11.0  # seconds after which the web processes try Valkey again


class Trials:
    """One after the other, with the same streams; `is_well` says at the end whether all promises were kept."""

    def __init__(
        self, installation: Installation, people: People, listeners: list[Listener], client: Client, port: int
    ) -> None:
        self.installation, self.people, self.listeners = installation, people, listeners
        self.client, self.port = client, port
        self.broken: list[str] = []

    @property
    def is_well(self) -> bool:
        """Return whether nothing was broken."""
        return not self.broken

    def run(self, *, with_proxy: bool) -> dict[str, Any]:
        """Run all trials and return their figures."""
        figures = {"heard_of_change": self.change("change", within=PROMPT)}
        figures |= {"removed": self.removed(), "logged_out": self.logged_out(), "reload": self.reload()}
        self.installation.stack.valkey.stop()
        figures["without_valkey"] = self.change("without Valkey", within=WITHOUT_VALKEY) | self.poll()
        self.installation.stack.valkey.start()
        assert wait_until(self._is_woken, seconds=60)
        time.sleep(PAUSE_OF_BREAKER)
        figures["valkey_back"] = self.change("Valkey back", within=PROMPT)
        figures["stream_killed"] = self.killed(with_proxy=with_proxy)
        return figures | {"broken": self.broken}

    def check(self, what: str, is_kept: bool) -> None:
        """Note a promise that was not kept."""
        if not is_kept:
            self.broken.append(what)

    def create(self) -> float:
        """Create a task and return the moment of the answer."""
        body = {"title": "Last", "project": self.people.project}
        self.client.insist("POST", "/api/tasks/", body)
        return time.monotonic()

    def change(self, what: str, *, within: float) -> dict[str, Any]:
        """Let everybody hear of one task."""
        began = time.monotonic()
        read_until(self.listeners, seconds=1)
        began = time.monotonic()
        committed = self.create()
        project, listening = self.people.project, [one for one in self.listeners if one.is_open]
        read_until(listening, lambda one: one.heard_since(began, project) is not None, seconds=30)
        heard = [moment for one in listening if (moment := one.heard_since(began, project)) is not None]
        worst = max(heard, default=0.0) - committed
        self.check(what, len(heard) == len(listening) > 0 and worst <= within)
        return {"heard": len(heard), "of": len(listening), "after_ms_at_worst": round(worst * 1_000)}

    def removed(self) -> dict[str, Any]:
        """Remove a member while tasks are created: when did they hear of the project for the last time?"""
        streams = self._streams_of(0)
        path = f"/api/projects/{self.people.project}/members/{self.people.members[0]}/"
        status = self.client.ask("DELETE", path).status
        gone = time.monotonic()
        while time.monotonic() < gone + SILENT + 2:
            self.create()
            read_until(streams, seconds=0.2)
        late = [event.at for one in streams for event in one.heard if event.names(self.people.project)]
        last = max((moment - gone for moment in late if moment > gone), default=0.0)
        self.check("removed", status in {200, 204} and last <= SILENT and all(one.is_open for one in streams))
        return {"streams": len(streams), "silent_after_ms": round(last * 1_000)}

    def logged_out(self) -> dict[str, Any]:
        """Log somebody out: when did their streams end?"""
        streams = self._streams_of(1)
        token = streams[0].token
        status = Client(f"http://{self.client.host}", token).ask("POST", "/api/auth/logout/", {}).status
        gone = time.monotonic()
        ended = read_until(streams, lambda one: not one.is_open, seconds=30)
        last = max((one.ended_at or gone) - gone for one in streams)
        self.check("logged out", status in {200, 204} and ended and last <= SILENT)
        return {"streams": len(streams), "ended_after_ms_at_worst": round(last * 1_000)}

    def reload(self) -> dict[str, Any]:
        """Reload the stream process as its unit does; clients come back with the last id and miss nothing."""
        project, began = self.people.project, time.monotonic()
        listening = [one for one in self.listeners if one.is_open and one.token != self.people.tokens[0]]
        close_all(self._streams_of(0))
        self.installation.processes["stream"].send_signal(signal.SIGHUP)
        ended = read_until(listening, lambda one: not one.is_open, seconds=60)
        byes = sum(any(event.name == "bye" and event.at >= began for event in one.heard) for one in listening)
        self.create()  # while nobody listens
        time.sleep(RETRY)
        again = time.monotonic()
        seconds = open_all(listening, self.port)
        read_until(listening, lambda one: _was_caught_up(one, project, again), seconds=10)
        missed = sum(not _was_caught_up(one, project, again) for one in listening)
        self.listeners = listening
        self.check("reload", ended and byes == len(listening) and not missed)
        return {"streams": len(listening), "byes": byes, "back_in_seconds": round(seconds, 1), "missed": missed}

    def poll(self) -> dict[str, Any]:
        """Ask as a page does that has no stream: the page's state is there, changes, and is 304 otherwise."""
        first, tag = self._state("")
        same, _ = self._state(tag)
        self.create()
        other, changed = self._state(tag)
        page, _ = self._ask(f"/projects/{self.people.project}/")
        self.check("polling", (first, same, other, page) == (200, 304, 200, 200) and changed != tag)
        return {"page": page, "poll": first, "poll_unchanged": same, "poll_after_change": other}

    def killed(self, *, with_proxy: bool) -> dict[str, Any]:
        """Kill the stream process: clients that want a stream are sent to polling at once."""
        self.installation.close_stream_port()
        self.installation.kill("stream")
        one = Listener(self.people.owner)
        one.open(self.port)
        read_until([one], seconds=10)
        rejected = b"stream_unavailable" in one.answer and b"retry-after" in one.answer.lower()
        found = {"rejected_with_503": rejected} | self.poll()
        self.check("killed", rejected or not with_proxy)
        self.installation.revive()
        back = wait_until(lambda: self._opens(), seconds=60)
        self.check("revived", back)
        return found

    def _opens(self) -> bool:
        one = Listener(self.people.owner)
        one.open(self.port)
        read_until([one], lambda listener: bool(listener.heard), seconds=5)
        one.close()
        return bool(one.heard)

    def _is_woken(self) -> bool:
        ready = Client(f"http://127.0.0.1:{self.installation.stream_port}").ask("GET", "/health/ready/").body
        return isinstance(ready, dict) and ready.get("wake_ups") == "ok"

    def _streams_of(self, number: int) -> list[Listener]:
        return [one for one in self.listeners if one.token == self.people.tokens[number]]

    def _state(self, tag: str) -> tuple[int, str]:
        return self._ask("/events/state/", tag)

    def _ask(self, path: str, tag: str = "") -> tuple[int, str]:
        """Ask with the page's cookie; return status and ETag."""
        from django.conf import settings

        connection = http.client.HTTPConnection(self.client.host, timeout=30)
        headers = {"Cookie": f"{settings.PAGE_COOKIE_NAME}={self.people.cookie}"} | (
            {"If-None-Match": tag} if tag else {}
        )
        connection.request("GET", path, headers=headers)
        answer = connection.getresponse()
        answer.read()
        connection.close()
        return answer.status, answer.getheader("ETag") or ""


def _was_caught_up(one: Listener, project: int, since: float) -> bool:
    """Return whether it heard, after it came back, of the number that a new listener is greeted with."""
    greeted = [event.data["projects"].get(str(project)) for event in one.heard if event.name == "hello"]
    changes = [event.data["projects"].get(str(project)) for event in one.heard if event.name == "change"]
    return bool(changes) and changes[0] == greeted[0] and one.heard[0].at >= since

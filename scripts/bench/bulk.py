"""A bulk change of the status of 200 tasks beside 200 requests that change one each, in turns, over one connection."""

from __future__ import annotations

import http.client
import json
import statistics
import time
from dataclasses import dataclass
from itertools import cycle
from typing import Any
from urllib.parse import urlsplit

NAME = "bulk change of 200 tasks"
TASKS = 200
TARGET = 20  # times as fast as single requests
STATUSES = ("in_progress", "done", "review", "todo")


@dataclass(frozen=True)
class Caller:
    """A person's connection to the server, whose `ids` are tasks that they may write."""

    connection: http.client.HTTPConnection
    token: str
    ids: list[int]

    def send(self, method: str, path: str, body: dict[str, Any]) -> dict[str, Any]:
        """Return the answer; RuntimeError for one that is no success."""
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        self.connection.request(method, path, json.dumps(body), headers)
        answer = self.connection.getresponse()
        text = answer.read()
        if answer.status != 200:
            raise RuntimeError(f"{method} {path} answered {answer.status}: {text[:200]!r}")
        found: dict[str, Any] = json.loads(text)
        return found

    def singly(self, status: str) -> float:
        """Change the tasks by a request each; return the seconds."""
        began = time.perf_counter()
        for task_id in self.ids:
            self.send("PATCH", f"/api/tasks/{task_id}/", {"status": status})
        return time.perf_counter() - began

    def together(self, status: str) -> float:
        """Change them by one request; return the seconds."""
        began = time.perf_counter()
        body = {"ids": self.ids, "action": "update", "changes": {"status": status}}
        answer = self.send("POST", "/api/tasks/bulk/", body)
        seconds = time.perf_counter() - began
        if answer["counts"]["changed"] != len(self.ids):
            raise RuntimeError(f"not all were changed: {answer['counts']}")
        return seconds


def compare(url: str, token: str, ids: list[int], *, rounds: int) -> dict[str, float]:
    """Return the milliseconds of both ways and their ratio, as medians over the rounds."""
    place = urlsplit(url)
    caller = Caller(http.client.HTTPConnection(place.hostname or "", place.port, timeout=120), token, ids)
    statuses = cycle(STATUSES)
    singly, together = [], []
    caller.singly(next(statuses))  # all alike, and warm
    caller.together(next(statuses))
    for _ in range(rounds):
        singly.append(caller.singly(next(statuses)))
        together.append(caller.together(next(statuses)))
    caller.connection.close()
    return {
        "single_ms": round(1000 * statistics.median(singly), 1),
        "bulk_ms": round(1000 * statistics.median(together), 1),
        "ratio": round(statistics.median(a / b for a, b in zip(singly, together, strict=True)), 1),
        "target": TARGET,
    }


def line(found: dict[str, float]) -> str:
    """Return the figures as a sentence."""
    return (
        f"status of {TASKS} tasks: {found['single_ms']:,.0f} ms by single requests, {found['bulk_ms']:,.0f} ms by one, "
        f"{found['ratio']} times as fast ({found['target']:.0f} asked)"
    )

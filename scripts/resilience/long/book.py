"""What callers of a long run saw: how long each kind of request took, and which ones failed."""

from __future__ import annotations

import statistics
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from scripts.resilience.traffic import Answer

MINUTE = 60.0


@dataclass(frozen=True)
class Entry:
    """One request: when it was answered (`time.monotonic`), its kind, and its milliseconds."""

    at: float
    kind: str
    milliseconds: float


@dataclass
class Book:
    """All requests of a run. What got a 5xx, or no answer, has failed; any other wrong status is unexpected."""

    entries: list[Entry] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    unexpected: list[str] = field(default_factory=list)
    began: float = field(default_factory=time.monotonic)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def note(self, kind: str, answer: Answer, expected: int) -> None:
        """Enter an answer."""
        now = time.monotonic()
        with self.lock:
            self.entries.append(Entry(now, kind, answer.seconds * 1_000))
            if answer.status != expected:
                is_failure = answer.status == 0 or answer.status >= 500
                wrong = self.failed if is_failure else self.unexpected
                wrong.append(f"{now - self.began:.0f} s: {kind}: {answer.status} {answer.body}")

    def between(self, first: float, last: float) -> dict[str, list[float]]:
        """Return the milliseconds of each kind of request that was answered in this span."""
        with self.lock:
            found = list(self.entries)
        kinds: dict[str, list[float]] = defaultdict(list)
        for entry in found:
            if first <= entry.at < last:
                kinds[entry.kind].append(entry.milliseconds)
        return dict(sorted(kinds.items()))

    def counts(self) -> dict[str, int]:
        """Return how many requests there were of each kind."""
        return dict(sorted(Counter(entry.kind for entry in self.entries).items()))

    def minutes(self) -> list[dict[str, dict[str, float]]]:
        """Return p50, p95 and p99 of each kind, minute by minute."""
        last = max((entry.at for entry in self.entries), default=self.began)
        count = int((last - self.began) // MINUTE) + 1
        spans = (self.between(self.began + n * MINUTE, self.began + (n + 1) * MINUTE) for n in range(count))
        return [{kind: quantiles(some) for kind, some in span.items()} for span in spans]


def quantiles(milliseconds: Iterable[float]) -> dict[str, float]:
    """Return p50, p95 and p99."""
    found = sorted(milliseconds)
    every = statistics.quantiles(found, n=100, method="inclusive") if len(found) > 1 else found * 99
    return {"p50": round(every[49], 1), "p95": round(every[94], 1), "p99": round(every[98], 1)}

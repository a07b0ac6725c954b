"""How much slower this machine is now than a quiet one: what tests that promise seconds are measured by."""

import time

ROUNDS = 4_000_000
SECONDS = 0.27  # what they take on one core of the machine of docs/performance.md, with nothing else to do


def slowness() -> float:
    """Return a factor, 1 on a quiet machine, more on a slow one and where others use it too. Takes a moment."""
    began, total = time.perf_counter(), 0
    for number in range(ROUNDS):
        total += number * number % 7
    return max(1.0, (time.perf_counter() - began) / SECONDS)

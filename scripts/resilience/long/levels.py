"""Whether something grows: the last third of a run beside the second one. The first third is for warming up."""

from __future__ import annotations

import statistics
from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from scripts.resilience.long.book import Book
from scripts.resilience.long.samples import Sample

Series = list[tuple[float, float]]  # (when, value)

MEMORY = 1.05  # of a process, last third ÷ second third
COUNTS = 1.1  # of open files and connections
SPARE = 3  # files or connections that are no growth, however few there were
LATENCY = 1.5  # of the requests' p50, beside that of the one that asks nothing of the database
ROWS = 10_000  # a table of fewer is read in a moment, dead rows or not
YARDSTICK = "health"  # what else the machine does hits it like the others


def thirds(first: float, last: float) -> tuple[tuple[float, float], tuple[float, float]]:
    """Return begin and end of the second and the last third of a span."""
    step = (last - first) / 3
    return (first + step, first + 2 * step), (first + 2 * step, last)


def growth(samples: Iterable[Sample], first: float, last: float) -> dict[str, dict[str, Any]]:
    """Return, for every measured name, the medians of both thirds, how they compare, and whether that is level."""
    memory: dict[str, Series] = defaultdict(list)
    counts: dict[str, Series] = defaultdict(list)
    for sample in samples:
        for name, part in sample.parts.items():
            memory[f"{name}: MB of a process"].append((sample.at, part.mb / part.processes))
            counts[f"{name}: open files"].append((sample.at, part.files))
        for name, count in sample.connections.items():
            counts[f"{name}: connections"].append((sample.at, count))
    found = {name: compare(series, first, last, limit=MEMORY) for name, series in memory.items()}
    found |= {name: compare(series, first, last, limit=COUNTS, spare=SPARE) for name, series in counts.items()}
    return dict(sorted(found.items()))


def latency(book: Book, first: float, last: float) -> dict[str, Any]:
    """Return the medians of all kinds together, in times that of the yardstick, in both thirds."""
    values = []
    for span in thirds(first, last):
        medians = {kind: statistics.median(some) for kind, some in book.between(*span).items()}
        yardstick = medians.pop(YARDSTICK, 0.0)
        values.append(sum(medians.values()) / len(medians) / yardstick if medians and yardstick else 0.0)
    return judge(values[0], values[1], limit=LATENCY)


def bloated(sample: Sample) -> list[str]:
    """Return the tables with more dead rows than living ones."""
    return [name for name, table in sample.tables.items() if table.dead > max(table.live, ROWS)]


def compare(series: Series, first: float, last: float, *, limit: float, spare: float = 0) -> dict[str, Any]:
    """Return the medians of both thirds, judged; 0 where a third has no value."""
    medians = []
    for begin, end in thirds(first, last):
        values = [value for at, value in series if begin <= at < end]
        medians.append(statistics.median(values) if values else 0.0)
    return judge(medians[0], medians[1], limit=limit, spare=spare)


def judge(second: float, third: float, *, limit: float, spare: float = 0) -> dict[str, Any]:
    """Return both, their ratio, and whether the last one is at most `limit` times the other, or `spare` more."""
    ratio = round(third / second, 3) if second else None
    is_level = third <= max(second * limit, second + spare)
    return {"second": round(second, 2), "last": round(third, 2), "ratio": ratio, "is_level": is_level}

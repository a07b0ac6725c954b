"""What a change costs while streams are open: the processor time of each process, and of each event that is sent."""

from __future__ import annotations

import signal
import time
from collections.abc import Sequence
from typing import Any

from scripts.resilience.installation import Installation
from scripts.resilience.listeners import Listener, read_until
from scripts.resilience.processor_time import by_part
from scripts.resilience.traffic import Client

PACE = 0.1  # seconds between two changes
TURN = 20  # changes
SETTLE = 1.5  # seconds in which what was changed is sent


def costs(
    installation: Installation, client: Client, project: int, listeners: Sequence[Listener], changes: int
) -> dict[str, Any]:
    """Return the milliseconds of processor time of each part for a change, beside the streams and with them frozen.

    All stay connected on both sides, which take turns; nobody reads meanwhile, so the clients cost nothing but what
    the kernel does for them. `told` is how many events one stream hears for a change.
    """
    read_until(listeners, seconds=SETTLE)
    heard, spent = _events(listeners), {side: dict.fromkeys(by_part(installation), 0.0) for side in (False, True)}
    turns = 2 * max(1, round(changes / TURN))
    for number in range(turns):
        is_live = bool(number % 2)
        installation.signal("stream", signal.SIGCONT if is_live else signal.SIGSTOP)
        before = by_part(installation)
        _change(client, project)
        time.sleep(SETTLE)
        for name, value in by_part(installation).items():
            spent[is_live][name] += value - before[name]
    read_until(listeners, seconds=SETTLE)
    sent = _events(listeners) - heard
    done = turns // 2 * TURN
    per_change = {side: {name: round(1_000 * value / done, 2) for name, value in spent[side].items()} for side in spent}
    return {
        "cpu_ms_per_change_beside": per_change[True],
        "cpu_ms_per_change_frozen": per_change[False],
        "told_per_change": round(sent / len(listeners) / done, 2),
        "cpu_us_per_event_sent": {
            name: round(1_000_000 * (spent[True][name] - spent[False][name]) / max(1, sent), 1) for name in spent[True]
        },
    }


def _change(client: Client, project: int) -> None:
    """Make TURN changes, one after the other, at the same pace however long each takes."""
    began = time.monotonic()
    for number in range(TURN):
        client.insist("POST", "/api/tasks/", {"title": "Counted", "project": project})
        time.sleep(max(0.0, began + (number + 1) * PACE - time.monotonic()))


def _events(listeners: Sequence[Listener]) -> int:
    return sum(event.name == "change" for listener in listeners for event in listener.heard)

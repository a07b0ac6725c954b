"""Sends what waits at the streams: a few at a time, so that requests beside them find a free processor."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Collection
from contextlib import suppress

from apps.events.stream import wire
from apps.events.stream.subscriber import Subscriber

COMMENT = 20.0  # seconds between two signs of life
LOOK = 1.0  # seconds between two looks for streams that need one
SLICE = 25  # streams that are sent to without a pause
PAUSE = 0.005  # seconds after each slice: what stands behind in a proxy gets its turn
SPREAD = 0.25  # seconds of pauses at most, however many streams there are


class Delivery:
    """`start` says that something waits, `run` sends it until it is cancelled."""

    def __init__(self, streams: Collection[Subscriber]) -> None:
        """`streams` is looked at again and again."""
        self.streams = streams
        self._waiting = asyncio.Event()

    def start(self) -> None:
        """Let what waits be sent."""
        self._waiting.set()

    async def run(self) -> None:
        """Send what waits, and a comment to who has heard nothing for a while."""
        while True:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._waiting.wait(), LOOK)
            self._waiting.clear()
            await self.send()

    async def send(self) -> None:
        """Send to all that wait now; what changes meanwhile goes out as it is when its turn comes."""
        quiet_since = time.monotonic() - COMMENT
        due = [one for one in self.streams if one.is_waiting or one.outlet.sent_at <= quiet_since]
        pause = min(PAUSE, SPREAD * SLICE / max(1, len(due)))
        for first in range(0, len(due), SLICE):
            if first:
                await asyncio.sleep(pause)
            for stream in due[first : first + SLICE]:
                if stream.is_waiting:
                    say(stream)
                elif stream.outlet.sent_at <= quiet_since and not stream.outlet.is_busy:
                    stream.outlet.push(wire.KEEP_ALIVE)


def say(stream: Subscriber) -> None:
    """Send what waits at the stream; nothing to a client that has not read the last part."""
    if stream.is_waiting and not stream.outlet.is_busy and not stream.outlet.over.done():
        is_last = stream.is_ended
        stream.outlet.push(stream.part(), more=not is_last)

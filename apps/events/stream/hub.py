"""All streams of the process: woken together, compared with one statement for everybody."""

from __future__ import annotations

import asyncio
import contextvars
import logging
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any, TypeVar

import redis.asyncio
from django.conf import settings
from django.db import DatabaseError, connections

from apps.common.background.wake import CHANNEL
from apps.events.stream.delivery import Delivery, say
from apps.events.stream.reading import read_all
from apps.events.stream.subscriber import Subscriber

logger = logging.getLogger(__name__)
T = TypeVar("T")

MERGE = 0.25  # seconds in which changes become one
SPACING = 0.5  # seconds between two looks at least, while changes go on and on: each is sent to all streams
FALLBACK = 4.5  # seconds between two looks without any wake-up: who lost access hears nothing after 5 s (contract SR3)
CONNECTIONS = 3  # threads that ask the database, each with a connection of its own
RECONNECT = 1.0  # seconds


class Hub:
    """Knows the open streams; `start` on the loop that serves them, `stop` when the process is to end."""

    def __init__(self) -> None:
        self.streams: set[Subscriber] = set()
        self.is_stopping = self.is_woken = False  # the second: Valkey would say when somebody commits
        self.looks = 0  # how often everybody was compared
        self._wake = asyncio.Event()
        self._delivery = Delivery(self.streams)
        self._tasks: list[asyncio.Task[None]] = []
        self._threads = ThreadPoolExecutor(CONNECTIONS, thread_name_prefix="database")

    def start(self) -> None:
        """Begin to listen."""
        works = (self._compare(), self._listen(), self._delivery.run())
        self._tasks = [asyncio.create_task(work) for work in works]

    def add(self, stream: Subscriber, *, looks: int) -> None:
        """Begin to compare and to send; `looks` is how often everybody had been compared when its state was read."""
        self.streams.add(stream)
        if self.looks != looks:
            self._wake.set()  # what was committed in between woke the others
        self._delivery.start()

    async def stop(self) -> None:
        """Let every stream say goodbye."""
        self.is_stopping = True
        for stream in self.streams:
            stream.end("shutdown")
            say(stream)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._threads.shutdown(wait=False)

    async def ask(self, work: Callable[..., T], *arguments: Any) -> T:
        """Run what asks the database in a thread, and return what it returns."""
        context = contextvars.copy_context()
        return await asyncio.get_running_loop().run_in_executor(
            self._threads, lambda: context.run(_released, work, *arguments)
        )

    @property
    def must_look(self) -> bool:
        """Return whether something may have changed since the last look."""
        return self._wake.is_set()

    def count_of(self, user_id: int) -> int:
        """Return how many streams the person has open."""
        return sum(stream.user_id == user_id for stream in self.streams)

    async def _compare(self) -> None:
        looked = 0.0
        while True:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._wake.wait(), FALLBACK)
                await asyncio.sleep(max(MERGE, looked + SPACING - time.monotonic()))
            self._wake.clear()
            looked = time.monotonic()
            try:
                await self.look()
            except DatabaseError as error:
                logger.warning("The streams cannot be compared now: %s", error)

    async def look(self) -> None:
        """Ask once for all streams what changed and who is still let in."""
        streams = [stream for stream in self.streams if not stream.is_ended]
        if not streams:
            return
        self.looks += 1
        people, credentials = {one.user_id for one in streams}, {one.credential for one in streams}
        states, alive = await self.ask(read_all, people, credentials)
        for stream in streams:
            if stream.credential not in alive or stream.user_id not in states:
                stream.end("session_ended")
            else:
                stream.compare(states[stream.user_id])
        self._delivery.start()

    async def _listen(self) -> None:
        """Wake up whenever somebody has committed something, as long as Valkey is there."""
        said = 0.0
        while True:
            client = redis.asyncio.Redis.from_url(settings.CACHE_URL, socket_connect_timeout=2, health_check_interval=5)
            try:
                async with client, client.pubsub() as channel:
                    await channel.subscribe(CHANNEL)
                    self.is_woken = True
                    self._wake.set()  # for what was missed meanwhile
                    while True:
                        if await channel.get_message(ignore_subscribe_messages=True, timeout=10):
                            self._wake.set()
            except (redis.RedisError, OSError) as error:
                self.is_woken = False
                if time.monotonic() - said > 60:
                    logger.warning("Streams look every %s s, since Valkey does not answer: %s", FALLBACK, error)
                    said = time.monotonic()
            await asyncio.sleep(RECONNECT)


def _released(work: Callable[..., T], *arguments: Any) -> T:
    try:
        return work(*arguments)
    finally:
        connections.close_all()  # back to the pool: no stream holds one while it waits

"""The way to one client: what is pushed leaves at once, unless the client reads slowly."""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

# A push that need not wait runs to its end where it is called: no switch to a task, for any of a thousand streams.
_EAGER: dict[str, Any] = {"eager_start": True} if sys.version_info >= (3, 12) else {}


class Outlet:
    """Sends parts of one answer, one at a time; made on the loop that serves the client."""

    __slots__ = ("_loop", "_on_free", "_send", "_task", "over", "sent_at")

    def __init__(self, send: Send, on_free: Callable[[], None]) -> None:
        """`on_free` is called when a part has left that had to wait: the client can be sent more."""
        self._loop = asyncio.get_running_loop()
        self._send, self._on_free = send, on_free
        self._task: asyncio.Task[None] | None = None
        self.over: asyncio.Future[None] = self._loop.create_future()  # done when the last part has left
        self.sent_at = time.monotonic()

    @property
    def is_busy(self) -> bool:
        """Return whether the last part has not left yet, so that nothing more may be pushed."""
        return self._task is not None

    def push(self, part: bytes, *, more: bool = True) -> None:
        """Send a part; without `more` it is the last."""
        self.sent_at = time.monotonic()
        task = asyncio.Task(self._pass_on(part, more=more), loop=self._loop, **_EAGER)
        if not task.done():
            self._task = task  # kept here: the loop itself holds tasks weakly
            task.add_done_callback(self._free)

    def close(self) -> None:
        """Give up what has not left: the client is gone."""
        if self._task is not None:
            self._task.cancel()
        self.end()

    def end(self) -> None:
        """Let who waits for the end go on."""
        if not self.over.done():
            self.over.set_result(None)

    async def _pass_on(self, part: bytes, *, more: bool) -> None:
        is_over = True
        try:
            await self._send({"type": "http.response.body", "body": part, "more_body": more})
            is_over = not more
        except OSError:
            pass  # the client went meanwhile, which the server notes by itself
        finally:
            if is_over:
                self.end()

    def _free(self, task: asyncio.Task[None]) -> None:
        self._task = None
        if not self.over.done():
            self._on_free()

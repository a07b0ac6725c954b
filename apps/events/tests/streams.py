"""Clients of the stream's application, without a server in between."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from apps.events.stream.application import StreamApplication

PATIENCE = 60  # seconds; no test measures anything


class StreamClient:
    """One request to the application."""

    def __init__(
        self, application: StreamApplication, path: str, *, method: str = "GET", query: str = "", **headers: str
    ) -> None:
        self.status = 0
        self.headers: dict[str, str] = {}
        self._parts: asyncio.Queue[bytes] = asyncio.Queue()
        self._gone = asyncio.Event()
        self._buffer = ""
        scope = {
            "type": "http",
            "method": method,
            "path": path,
            "query_string": query.encode(),
            "headers": [(b"host", b"testserver")]
            + [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()],
            "scheme": "http",
            "server": ("testserver", 80),
        }
        self._task = asyncio.create_task(application(scope, self._receive, self._send))

    async def _receive(self) -> dict[str, Any]:
        await self._gone.wait()
        return {"type": "http.disconnect"}

    async def _send(self, message: dict[str, Any]) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            self.headers = {name.decode(): value.decode() for name, value in message["headers"]}
        else:
            await self._parts.put(message["body"])

    async def text(self) -> str:
        """Return an answer that is no stream."""
        return (await asyncio.wait_for(self._parts.get(), PATIENCE)).decode()

    async def body(self) -> Any:
        """Return the JSON of a rejection."""
        return json.loads(await self.text())

    async def finished(self) -> None:
        """Wait for the end of an answer that is no stream."""
        await asyncio.wait_for(self._task, PATIENCE)

    async def event(self) -> dict[str, str]:
        """Return the next event as its fields; comments and `retry` alone are passed over."""
        while True:
            while "\n\n" not in self._buffer:
                self._buffer += (await asyncio.wait_for(self._parts.get(), PATIENCE)).decode()
            text, _, self._buffer = self._buffer.partition("\n\n")
            fields = dict(line.split(": ", 1) for line in text.splitlines() if not line.startswith(":"))
            if "event" in fields:
                return fields

    async def change(self) -> dict[str, Any]:
        """Return the data of the next event, a `change`."""
        fields = await self.event()
        assert fields["event"] == "change", fields
        found: dict[str, Any] = json.loads(fields["data"])
        return found

    async def close(self) -> None:
        """Go away, as a closed tab does."""
        self._gone.set()
        await asyncio.wait_for(self._task, PATIENCE)


@asynccontextmanager
async def serving() -> AsyncIterator[StreamApplication]:
    """Run the application, as its server does."""
    application = StreamApplication()
    application.hub.start()
    try:
        yield application
    finally:
        await application.hub.stop()

"""Tells the stream process after a commit that something changed, without saying what; may be lost without harm."""

from __future__ import annotations

from typing import Any

import redis
from django.core.cache import caches

CHANNEL = "taskhouse:wake"


def publish_wake() -> None:
    """Wake the streams, see `apps.events.stream`; raises what the client of Valkey raises."""
    client: Any = caches["default"]._cache.get_client(None, write=True)  # type: ignore[attr-defined]
    assert isinstance(client, redis.Redis)  # noqa: S101 - the cache of the settings
    client.publish(CHANNEL, b"")

"""Tells the stream process after a commit that something changed, without saying what; may be lost without harm."""

from __future__ import annotations

from apps.common.redis_client import redis_client

CHANNEL = "taskhouse:wake"


def publish_wake() -> None:
    """Wake the streams, see `apps.events.stream`; raises what the client of Valkey raises."""
    redis_client().publish(CHANNEL, b"")

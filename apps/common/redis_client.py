"""The process's client of Redis or Valkey, which REDIS_URL names."""

from __future__ import annotations

from functools import cache

import redis
from django.core.cache import caches


@cache
def redis_client() -> redis.Redis:
    """Return the client of the cache of the settings, one for all threads: making one costs more than most commands.

    Its commands raise redis.RedisError and OSError.
    """
    client: redis.Redis = caches["default"]._cache.get_client(None, write=True)  # type: ignore[attr-defined]
    return client

"""Counts requests against a rate in one atomic step in Redis; knows nothing of HTTP."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import cache
from typing import Any

import redis
from django.conf import settings

from apps.common.background.breaker import redis_breaker
from apps.common.errors import RateLimitedError
from apps.common.monitoring.metrics import throttled_total
from apps.common.redis_client import redis_client

# Generic cell rate algorithm: one number per key, the theoretical arrival time in microseconds.
# KEYS[1]; ARGV: interval and tolerance in microseconds, units. Returns 0, or microseconds to wait.
GCRA = """
local t = redis.call('TIME')
local now = t[1] * 1000000 + t[2]
local tat = math.max(tonumber(redis.call('GET', KEYS[1]) or now), now) + tonumber(ARGV[1]) * tonumber(ARGV[3])
local wait = tat - tonumber(ARGV[2]) - now
if wait > 0 then return wait end
redis.call('SET', KEYS[1], string.format('%.0f', tat), 'PX', math.ceil((tat - now) / 1000) + 1000)
return 0
"""


@cache
def _script() -> Callable[..., Any]:
    script: Callable[..., Any] = redis_client().register_script(GCRA)
    return script


def seconds_to_wait(scope: str, who: str, *, units: int = 1) -> float:
    """Count `units` (requests, or what they are about) of `who` in `scope`; return 0, or the seconds to wait.

    THROTTLE_RATES[scope] is `count/seconds`. Without Redis everything passes, with a log line.
    """
    if redis_breaker.is_open:
        return 0
    count, _, period = settings.THROTTLE_RATES[scope].partition("/")
    interval = int(float(period) * 1_000_000 / int(count))
    try:
        wait = _script()(keys=[f"throttle:{scope}:{who}"], args=[interval, interval * int(count), units])
    except (redis.RedisError, OSError) as error:
        redis_breaker.failed(error)
        return 0
    return float(wait) / 1_000_000


def require_rate(scope: str, who: str, *, units: int = 1) -> None:
    """Count like `seconds_to_wait`; RateLimitedError over the rate, which the metrics count."""
    wait = seconds_to_wait(scope, who, units=units)
    if wait > 0:
        throttled_total.labels(scope).inc()
        raise RateLimitedError(retry_after=math.ceil(wait))

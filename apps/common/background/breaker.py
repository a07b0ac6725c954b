"""A process's memory of parts that do not answer; one for Redis is shared by throttles, cache and nudges."""

from __future__ import annotations

import logging
import time

logger = logging.getLogger(__name__)


class Breaker:
    """Closed until `failures` in a row; then open for `seconds`, in which nobody waits for the dead part.

    Afterwards a single further failure opens it again.
    """

    def __init__(self, name: str, *, seconds: float, failures: int = 1) -> None:
        self.name = name
        self.seconds = seconds
        self.failures = failures
        self._failed = 0
        self._open_until = 0.0

    @property
    def is_open(self) -> bool:
        """Return whether callers should go on without the part."""
        return time.monotonic() < self._open_until

    def failed(self, error: BaseException) -> None:
        """Note a failure. Logged once per opening."""
        self._failed += 1
        if self._failed < self.failures:
            return
        if not self.is_open:
            logger.warning("%s does not answer (%s): going on without it for %s s", self.name, error, self.seconds)
        self._open_until = time.monotonic() + self.seconds

    def succeeded(self) -> None:
        """Note that the part answers."""
        self._failed = 0
        self._open_until = 0.0


redis_breaker = Breaker("Redis", seconds=10)

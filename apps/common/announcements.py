"""How a lower app sets something going in a higher one, inside the same transaction.

The lower app makes an `Announcement`, the higher one listens in `AppConfig.ready()`. It is a
plain call in the order of registration: no signals of models, nothing swallowed.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, ParamSpec

P = ParamSpec("P")


class Announcement(Generic[P]):
    """A named happening with listeners; an exception of a listener undoes the transaction."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._listeners: list[Callable[P, object]] = []

    def listen(self, listener: Callable[P, object]) -> None:
        """Call `listener` at every announcement; registering twice counts once."""
        if listener not in self._listeners:
            self._listeners.append(listener)

    def announce(self, *args: P.args, **kwargs: P.kwargs) -> None:
        """Call every listener."""
        for listener in self._listeners:
            listener(*args, **kwargs)

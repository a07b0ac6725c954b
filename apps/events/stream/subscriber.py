"""One open stream: what its client knows, and what waits to be sent to it."""

from __future__ import annotations

from collections.abc import Collection

from apps.events.stream import wire
from apps.events.stream.outlet import Outlet
from apps.events.stream.reading import Credential
from apps.sync.state import State


class Subscriber:
    """Changes wait here merged, so a client that reads slowly costs no more than one that does not."""

    __slots__ = ("_is_changed", "_me", "_projects", "_reason", "credential", "only", "outlet", "state", "user_id")

    outlet: Outlet  # given when the answer begins

    def __init__(
        self, state: State, credential: Credential, *, only: Collection[int] | None = None, last_id: str = ""
    ) -> None:
        """Begin with what the person sees; `only` are the projects of an API token that names some.

        A client that comes back with `last_id`, the id of the last event it saw, is sent what it may have missed.
        """
        self.user_id, self.credential, self.only = state.user_id, credential, only
        self.state = state.of_projects(only)
        self._projects: dict[int, int] = {}
        self._me = self._is_changed = False
        self._reason = ""
        if last_id and last_id != self.state.digest:
            self._projects, self._me, self._is_changed = dict(self.state.projects), True, True

    def compare(self, state: State) -> None:
        """Note what is different now."""
        new, old = state.of_projects(self.only), self.state
        if new == old:
            return
        changed = {pk: seq for pk, seq in new.projects.items() if old.projects.get(pk) != seq}
        # What is not visible any more is not named, however long it has waited here.
        self._projects = {pk: seq for pk, seq in (self._projects | changed).items() if pk in new.projects}
        self._me |= new.me != old.me
        self._is_changed, self.state = True, new

    def end(self, reason: str) -> None:
        """Let the stream say goodbye and end."""
        self._reason = self._reason or reason

    @property
    def is_ended(self) -> bool:
        """Return whether it is to end."""
        return bool(self._reason)

    @property
    def is_waiting(self) -> bool:
        """Return whether there is something to be sent."""
        return self._is_changed or bool(self._reason)

    def part(self) -> bytes:
        """Return what is to be sent; it does not wait any more."""
        if self._reason:
            return wire.bye(self._reason)
        projects, me = self._projects, self._me
        self._projects, self._me, self._is_changed = {}, False, False
        return wire.change(self.state.digest, projects=projects, me=me)

"""Who holds the stack of one home: one owner that started it, and guests that use it meanwhile."""

import contextlib
import fcntl
import json
import os
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import IO

from scripts.local import processes


@dataclass
class Owner:
    """What the owner publishes; `state` is starting, ready or stopping, `env` leads to its services.

    `url` is where its web server listens and `mail` the folder of its mails, each empty if there is none.
    """

    verb: str
    pid: int
    state: str
    env: dict[str, str] = field(default_factory=dict)
    url: str = ""
    mail: str = ""


class Ownership:
    """Locks of the kernel, so that any death frees them; the file beside them only describes the owner."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self._owned: IO[str] | None = None
        self._guests: IO[str] | None = None
        self._verb = ""

    @property
    def held(self) -> bool:
        """Return whether we are the owner."""
        return self._owned is not None

    def take(self, verb: str) -> bool:
        """Become the owner if there is none. Does not wait."""
        self._owned = _lock(self.home / "owner.lock", fcntl.LOCK_EX)
        if self._owned is None:
            return False
        self._verb = verb
        self.announce("starting", {})
        return True

    def announce(self, state: str, env: dict[str, str], *, url: str = "", mail: str = "") -> None:
        """Publish how far the stack is, and how they find it: see Owner."""
        temporary = self.home / f"owner.{os.getpid()}"
        with os.fdopen(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as handle:
            json.dump(asdict(Owner(self._verb, os.getpid(), state, env, url, mail)), handle)
        temporary.replace(self.home / "owner.json")

    def owner(self) -> Owner | None:
        """Return who described itself last, if it is still alive."""
        try:
            found = Owner(**json.loads((self.home / "owner.json").read_text()))
        except (OSError, ValueError, TypeError):
            return None
        return found if processes.is_alive(found.pid) else None

    def join(self) -> Owner | None:
        """Become a guest of an owner whose stack is ready, and return it. Does not wait."""
        self._guests = _lock(self.home / "guests.lock", fcntl.LOCK_SH)
        owner = self.owner()
        if self._guests and owner and owner.state == "ready":
            return owner
        self._release_guests()
        return None

    def close_door(self) -> bool:
        """As the owner, let no more guests in; false while there are some. Does not wait."""
        self._guests = _lock(self.home / "guests.lock", fcntl.LOCK_EX)
        if self._guests:
            self.announce("stopping", {})
        return self._guests is not None

    def release(self) -> None:
        """Stop being owner or guest."""
        if self._owned:
            with contextlib.suppress(FileNotFoundError):
                (self.home / "owner.json").unlink()
            self._owned.close()
            self._owned = None
        self._release_guests()

    def _release_guests(self) -> None:
        if self._guests:
            self._guests.close()
            self._guests = None


def _lock(path: Path, kind: int) -> IO[str] | None:
    """Return the open file that holds the lock, or None when someone else's lock is in the way."""
    handle = path.open("a")
    try:
        fcntl.flock(handle, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        handle.close()
        return None
    return handle

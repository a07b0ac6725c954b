"""PostgreSQL and Valkey together, as scripts and tests use them."""

import shutil
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import quote

from scripts.local import leftovers, places
from scripts.local.ownership import Ownership
from scripts.local.postgres import Postgres
from scripts.local.processes import StackError
from scripts.local.valkey import Valkey


class Stack:
    """The embedded servers of one home folder, which nobody else may own at the same time.

    `durable=False` is for tests: quicker, and lost when the machine goes down. `postgres=False` or
    `valkey=False` leaves that server out (one of the user's own is used instead). The servers die
    with this process, whatever ends it; start them from the main thread.

        with Stack(folder, durable=False) as stack:
            stack.postgres.kill()    # kill -9
            stack.postgres.start()   # again, on the same data
            stack.valkey.freeze()    # SIGSTOP; thaw() lets it go on
    """

    def __init__(
        self,
        home: Path,
        *,
        durable: bool = True,
        postgres: bool = True,
        valkey: bool = True,
        shared_buffers: str | None = None,
    ) -> None:
        self.places = places.locate(home)
        self.ownership = Ownership(self.places.home)
        self.postgres = Postgres(self.places, durable=durable, shared_buffers=shared_buffers)
        self.valkey = Valkey(self.places, durable=durable)
        self._wanted: list[Postgres | Valkey] = [
            *([self.valkey] if valkey else []),
            *([self.postgres] if postgres else []),
        ]

    @property
    def home(self) -> Path:
        return self.places.home

    def env(self) -> dict[str, str]:
        """Return the variables that lead the settings to the servers of this stack."""
        found: dict[str, str] = {}
        for server in self._wanted:
            found |= server.env()
        return found

    def test_env(self) -> dict[str, str]:
        """Return TEST_DATABASE_URL and TEST_REDIS_URL for the servers of this stack."""
        known = self.postgres.env()
        host = quote(known["POSTGRES_HOST"], safe="")
        login = f"{known['POSTGRES_USER']}:{quote(known['POSTGRES_PASSWORD'], safe='')}"
        return {
            "TEST_DATABASE_URL": f"postgresql://{login}@{host}:5432/{known['POSTGRES_DB']}",
            "TEST_REDIS_URL": f"unix://{self.places.valkey_socket}",
        }

    def start(self, verb: str = "stack") -> None:
        """Start the servers, all or none. Raises StackError when someone owns the stack already."""
        if not self.ownership.held and not self.ownership.take(verb):
            owner = self.ownership.owner()
            raise StackError(f"{self.home} is in use by {owner.verb if owner else 'another process'}")
        try:
            leftovers.end(self.home)
            places.make_folders(self.places)
            for server in self._wanted:
                server.start()
                self.record()
        except BaseException:
            self.stop()
            raise

    def record(self, **others: int) -> None:
        """Note the numbers of the running servers, and `others`, for a next start to clear away."""
        running = {type(server).__name__: server.process.pid for server in self._wanted if server.process}
        leftovers.record(self.home, running | others)

    def stop(self) -> None:
        """Stop the servers and let others own the stack. Does nothing unless we own it."""
        if not self.ownership.held:
            return
        for server in self._wanted:
            server.stop()
        leftovers.forget(self.home)
        shutil.rmtree(self.places.sockets, ignore_errors=True)
        self.ownership.release()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

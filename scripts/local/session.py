"""The services behind scripts/run and scripts/manage: whose they are, and how the parts find them."""

import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from scripts.local import environment, processes
from scripts.local.environment import CACHE_VARIABLES, DATABASE_VARIABLES, ROOT
from scripts.local.mailcatcher import MailCatcher
from scripts.local.processes import StackError
from scripts.local.stack import Stack

NOTE, CAUSE = "NOTE ", "CAUSE "  # how scripts.local.prepare marks lines for the person at the keyboard


class Session:
    """Embedded servers and mail catcher, each only where the user's environment names no other."""

    def __init__(self, home: Path) -> None:
        self.embedded_database = not environment.given(*DATABASE_VARIABLES)
        self.embedded_cache = not environment.given(*CACHE_VARIABLES)
        self.stack = Stack(home, postgres=self.embedded_database, valkey=self.embedded_cache)
        self.catcher: MailCatcher | None = None
        if not environment.given("EMAIL_HOST"):
            mail_log = self.stack.places.logs / "mail.log"
            self.catcher = MailCatcher(home / "mail", log=mail_log, state=home, keep_port=True)

    @property
    def home(self) -> Path:
        return self.stack.home

    @property
    def demo(self) -> Path:
        """Return the file that is there when the demo was filled, or must never be."""
        return self.home / "demo.filled"

    def environment(self, *, public_url: str) -> dict[str, str]:
        """Return the variables for the parts. The catcher's port must be open."""
        (self.home / "media").mkdir(mode=0o700, exist_ok=True)  # uploads are private
        services = self.stack.env() | (self.catcher.env() if self.catcher else {})
        return environment.parts(self.home, services, public_url=public_url)

    def log(self, name: str) -> Path:
        """Return the log file of a part; one that has grown over 5 MB is put aside first."""
        path = self.stack.places.logs / f"{name}.log"
        if path.exists() and path.stat().st_size > 5_000_000:
            path.replace(path.with_suffix(".old.log"))
        return path

    def prepare(self, steps: Sequence[str], *, env: dict[str, str]) -> list[str]:
        """Bring database and files up to date in a process of its own; raises StackError if that fails.

        Returns what the person at the keyboard should know.
        """
        log = self.log("prepare")
        before = log.stat().st_size if log.exists() else 0
        command = [sys.executable, "-m", "scripts.local.prepare", *steps]
        process = processes.spawn(command, log=log, env=env, cwd=ROOT)
        try:
            code = process.wait()
        except BaseException:
            processes.end(process)
            raise
        said = log.read_bytes()[before:].decode(errors="replace").strip()
        if code:
            cause = _marked(CAUSE, said) or [said[-3000:]]
            raise StackError("\n".join([f"Preparing it ({', '.join(steps)}) failed:", *cause, f"(all of it: {log})"]))
        return _marked(NOTE, said)

    def has_tables(self) -> bool:
        """Return whether the embedded database was ever migrated."""
        with self.stack.postgres.connect() as connection:
            found = connection.execute("select to_regclass('django_migrations')").fetchone()
        return bool(found and found[0])


def _marked(mark: str, said: str) -> list[str]:
    return [line.removeprefix(mark) for line in said.splitlines() if line.startswith(mark)]


def run_in_front(command: Sequence[str], *, env: dict[str, str], cwd: Path | None = None) -> subprocess.Popen[bytes]:
    """Start a command that owns the terminal: our input and output, our process group."""
    return subprocess.Popen(command, env=env, cwd=cwd, preexec_fn=processes.die_with_parent(signal.SIGTERM))

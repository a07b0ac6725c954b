"""Where the backend of a folder can be reached, as seen by whoever comes after it: the tour, a test."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from scripts.local import variables
from scripts.local.ownership import Owner, Ownership

START_SECONDS = 300  # a first start fills the demo
RUN = "./scripts/run"


@dataclass(frozen=True)
class Backend:
    """A server: its address, the folder in which its mails land, and what to say if it does not answer."""

    url: str
    mail: Path
    hint: str


def backend(home: Path, *, say: Callable[[str], None]) -> Backend:
    """Return the backend that `./scripts/run` runs for this home, after waiting while it starts.

    Without one it is expected at HOST and PORT: in containers, say, or started by hand. Raises variables.Unusable.
    """
    expected = variables.url()
    owner = _once_it_runs(Ownership(home), say)
    if owner and owner.url:
        hint = f"It was started by {owner.verb}, process {owner.pid}: has it ended meanwhile?"
        return Backend(owner.url, Path(owner.mail) if owner.mail else home / "mail", hint)
    runs = f"only {owner.verb} runs" if owner else f"no {RUN} runs"
    hint = f"In {home} {runs}: start it in another terminal, or name a server: --url URL --mail FOLDER"
    return Backend(expected, home / "mail", hint)


def _once_it_runs(ownership: Ownership, say: Callable[[str], None]) -> Owner | None:
    deadline = time.monotonic() + START_SECONDS
    waited = False
    while (owner := ownership.owner()) and owner.verb == RUN and owner.state == "starting":
        if time.monotonic() > deadline:
            break
        if not waited:
            say(f"{RUN} is starting: waiting for it.")
        waited = True
        time.sleep(0.2)
    return owner

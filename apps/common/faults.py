"""Named points at which a process kills itself, to prove that nothing is lost there.

`FAULT_POINT=name` (or `name:3` for the third passing) arms one point in one process;
`FAULT_POINT=@FILE` arms the point whose name is in the file, for the first process that passes it.
Inert unless ENVIRONMENT is local or test, production rejects the variable, and an unarmed point
costs one comparison.
"""

from __future__ import annotations

import os
import signal

from django.conf import settings

POINTS: set[str] = {"beat.sending", "beat.sent"}  # placed in config.heartbeat

_passed = 0


def declare(*names: str) -> None:
    """Name the points of a module, so that tests can walk through all of them."""
    POINTS.update(names)


def fault_point(name: str) -> None:
    """Die by SIGKILL here when this point is the armed one."""
    armed = settings.FAULT_POINT
    if armed and settings.ENVIRONMENT in ("local", "test") and _is_due(name, armed):
        os.write(2, f"Dying at the fault point {name}\n".encode())
        os.kill(os.getpid(), signal.SIGKILL)


def _is_due(name: str, armed: str) -> bool:
    if armed.startswith("@"):
        return _take(name, armed[1:])
    global _passed
    wanted, _, times = armed.partition(":")
    if wanted != name:
        return False
    _passed += 1
    return _passed >= int(times or 1)


def _take(name: str, path: str) -> bool:
    """Return whether the file names this point and nobody else was first: who removes the file dies."""
    try:
        with open(path) as file:  # noqa: PTH123 - pathlib costs more, and this runs at every point
            if file.read().strip() != name:
                return False
        os.unlink(path)  # noqa: PTH108 - as above
    except FileNotFoundError:
        return False
    return True

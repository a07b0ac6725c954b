"""Named points at which a process kills itself, to prove that nothing is lost there.

`FAULT_POINT=name` (or `name:3` for the third passing) arms one point; production refuses the
variable, and an unarmed point costs one comparison.
"""

from __future__ import annotations

import os
import signal

from django.conf import settings

POINTS: set[str] = set()

_passed = 0


def declare(*names: str) -> None:
    """Name the points of a module, so that tests can walk through all of them."""
    POINTS.update(names)


def fault_point(name: str) -> None:
    """Die by SIGKILL here when this point is the armed one."""
    armed = settings.FAULT_POINT
    if not armed:
        return
    wanted, _, times = armed.partition(":")
    if wanted != name:
        return
    global _passed
    _passed += 1
    if _passed >= int(times or 1):
        os.kill(os.getpid(), signal.SIGKILL)

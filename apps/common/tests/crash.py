"""Runs an act in a process of its own that kills itself at a named point."""

from __future__ import annotations

import os
import signal
import traceback
import warnings
from collections.abc import Callable

from django.db import connection
from django.test import override_settings

from apps.common import faults


def dies_at(point: str, act: Callable[[], object]) -> bool:
    """Return whether a child process that does `act` died by SIGKILL at `point`.

    False means that it came to the end without passing there; any other end raises.
    """
    connection.close()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # a fork beside threads: the child starts none
        pid = os.fork()
    if pid == 0:
        code = 1
        try:
            faults._passed = 0
            with override_settings(FAULT_POINT=point):
                act()
            code = 0
        except BaseException:  # noqa: BLE001 - nothing may reach pytest in the child
            traceback.print_exc()
        finally:
            os._exit(code)
    _, status = os.waitpid(pid, 0)
    if os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL:
        return True
    assert status == 0, f"the child ended with {status}"
    return False

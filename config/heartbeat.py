"""A sign of life of worker and beat: the file HEARTBEAT_FILE is touched while their loop turns."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from celery import signals


def touch(**_: Any) -> None:
    """Note that the loop has just turned; a full disk must not stop it."""
    path = os.environ.get("HEARTBEAT_FILE")
    if path:
        try:
            Path(path).touch()
        except OSError:
            return


def connect() -> None:
    """Touch the file on each heartbeat of a worker (2 s) and each message that beat sends (≤ 10 s)."""
    signals.worker_ready.connect(touch, weak=False)
    signals.heartbeat_sent.connect(touch, weak=False)
    signals.beat_init.connect(touch, weak=False)
    signals.beat_init.connect(_follow_beat, weak=False)


def _follow_beat(**_: Any) -> None:
    from apps.common.faults import fault_point

    signals.before_task_publish.connect(lambda **_: fault_point("beat.sending"), weak=False)
    signals.after_task_publish.connect(lambda **_: fault_point("beat.sent"), weak=False)
    signals.after_task_publish.connect(touch, weak=False)

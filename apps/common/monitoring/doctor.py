"""What may be wrong with an installation, and how to fix it: a registry of checks.

Each app registers what it knows about; `manage.py doctor` runs them all and readiness and metrics
read the same facts.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from enum import StrEnum

from django.conf import settings

logger = logging.getLogger(__name__)


class Level(StrEnum):
    """How bad a finding is: only `FAIL` makes the command end with 1."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True)
class Finding:
    """What one check found; `fix` says what to do about it, empty when nothing is to be done."""

    check: str
    level: Level
    text: str
    fix: str = ""

    def as_dict(self) -> dict[str, str]:
        """Return plain values for JSON."""
        return {name: str(value) for name, value in asdict(self).items()}


def management_command(words: str) -> str:
    """Return how a management command is called in this installation, for advice."""
    return f"`{'./scripts/manage' if settings.LOCAL_STACK else 'manage.py'} {words}`"


def process(name: str) -> str:
    """Return how a Celery process of this installation is started, for advice."""
    return "`./scripts/run`, of which it is a part" if settings.LOCAL_STACK else f"`celery -A config {name}`"


Check = Callable[[], Iterator[Finding]]
CHECKS: dict[str, Check] = {}


def check(name: str) -> Callable[[Check], Check]:
    """Register a check under `name`; it yields one or more findings."""

    def register(function: Check) -> Check:
        CHECKS[name] = function
        return function

    return register


def examine() -> Iterator[Finding]:
    """Run every check; one that breaks is a finding of its own, and the others still run."""
    for name, function in CHECKS.items():
        try:
            yield from function()
        except Exception as error:
            logger.debug("The check %s broke", name, exc_info=True)
            text = str(error).strip().splitlines() or [""]
            yield Finding(name, Level.FAIL, f"{type(error).__name__}: {text[0]}", "Fix what is above first.")

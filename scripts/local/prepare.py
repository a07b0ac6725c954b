"""Migrate, collect static files, fill the demo: one process for all, since starting Django takes a second."""

import sys
import time

import django
from django.conf import settings
from django.core.management import call_command

DEMO = {"users": 20, "projects": 6, "tasks": 240}


def main(steps: list[str]) -> None:
    """Run the named steps in order: migrate, static, demo."""
    django.setup()
    known = {"migrate": _migrate, "static": _static, "demo": _demo}
    for step in steps:
        began = time.monotonic()
        print(f"--- {step}", flush=True)
        known[step]()
        print(f"--- {step} took {time.monotonic() - began:.1f} s", flush=True)


def _migrate() -> None:
    call_command("migrate", interactive=False, verbosity=1)


def _static() -> None:
    if settings.STATIC_ROOT:
        call_command("collectstatic", interactive=False, verbosity=0)


def _demo() -> None:
    call_command("seed_demo", **DEMO)


if __name__ == "__main__":
    main(sys.argv[1:])

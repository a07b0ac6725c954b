"""Migrate, collect static files, fill the demo: one process for all, since starting Django takes a second."""

import hashlib
import sys
import time
from pathlib import Path

import django
from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
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
    """Collect and compress static files, unless none has changed: it takes seconds."""
    target = Path(settings.STATIC_ROOT)
    mark, found = target.with_name(f"{target.name}.collected"), _static_fingerprint()
    if target.exists() and mark.exists() and mark.read_text() == found:
        return
    call_command("collectstatic", interactive=False, verbosity=0, clear=target.exists())
    mark.write_text(found)


def _static_fingerprint() -> str:
    digest = hashlib.sha256()
    for finder in get_finders():
        for name, storage in finder.list([]):
            path = Path(storage.path(name))
            digest.update(f"{path} {path.stat().st_mtime_ns} {path.stat().st_size}\n".encode())
    return digest.hexdigest()


def _demo() -> None:
    call_command("seed_demo", **DEMO)


if __name__ == "__main__":
    main(sys.argv[1:])

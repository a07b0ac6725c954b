"""Migrate, collect static files, fill the demo: one process for all, since starting Django takes a second.

Lines that begin with NOTE or CAUSE are for the person at the keyboard, the rest is for the log.
"""

import errno
import hashlib
import sys
import time
import traceback
from pathlib import Path

import django
from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.db import Error

from scripts.local import causes
from scripts.local.session import CAUSE, NOTE

DEMO = {"users": 20, "projects": 6, "tasks": 240}


def main(steps: list[str]) -> None:
    """Run the named steps in order: migrate, static, demo, disk."""
    django.setup()
    known = {"migrate": _migrate, "static": _static, "demo": _demo, "disk": _disk}
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


def _disk() -> None:
    """Say what doctor has to say about the disk: uploads are rejected when it is nearly full."""
    from apps.common.monitoring.doctor import Level
    from apps.common.monitoring.doctor_checks import files

    for finding in files():
        if finding.level is not Level.OK:
            print(f"{NOTE}{finding.check}: {finding.text}. {finding.fix}")


def _cause(error: BaseException) -> str:
    """Return what an error means to the person at the keyboard; empty for one that only the log explains."""
    if isinstance(error, ImproperlyConfigured):
        return f"{error} Set it in the environment or in .env; .env.sample explains every variable."
    if (isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT)) or "No space left" in str(error):
        return causes.full_disk(Path(settings.MEDIA_ROOT))
    if isinstance(error, Error):
        first = str(error).strip().partition("\n")[0]
        return f"{first} (is the database right that DATABASE_URL or POSTGRES_HOST names?)"
    return ""


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except Exception as error:  # noqa: BLE001 - whatever it is, it belongs into the log
        traceback.print_exc()
        if cause := _cause(error):
            print(f"{CAUSE}{cause}", flush=True)
        sys.exit(1)

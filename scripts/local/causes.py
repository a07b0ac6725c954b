"""Says of an operating system error that stops a start what the cause is, and what to do about it."""

import errno
import os
import pwd
import shutil
from pathlib import Path

FULL = (errno.ENOSPC, errno.EDQUOT)
CLOSED = (errno.EACCES, errno.EPERM, errno.EROFS)
ELSEWHERE = "VENV_DIR=/some/folder/venv LOCAL_DIR=/some/folder/local"


def explain(error: OSError, *, command: str) -> str:
    """Return cause and cure; raises the error itself when it is none of those that people meet."""
    path = Path(str(error.filename or "."))
    if error.errno in FULL:
        return f"{error.strerror}: {path}\n{full_disk(path)}"
    if error.errno not in CLOSED:
        raise error
    cure = _closed(path, command, read_only=error.errno == errno.EROFS)
    return f"{path} cannot be written: {error.strerror}.\n{cure}"


def _closed(path: Path, command: str, *, read_only: bool) -> str:
    nearest = existing(path)
    owner, we = nearest.stat().st_uid, os.geteuid()
    places = f"places of your own:\n  {ELSEWHERE} {command}"
    if owner == we or read_only:
        return f"Name {places}"
    return f"{nearest} belongs to {_name(owner)}, and you are {_name(we)}. Run as {_name(owner)}, or name {places}"


def full_disk(path: Path) -> str:
    """Return how much room the disk of `path` has, and the ways out."""
    free = shutil.disk_usage(existing(path)).free // 1_000_000
    return (
        f"The disk that holds {path} has {free} MB free. A first start needs about 600 MB for .venv and 200 MB for "
        f"data: make room, or name places on another disk with {ELSEWHERE}"
    )


def existing(path: Path) -> Path:
    """Return the path, or the nearest folder above it that exists."""
    path = path.absolute()
    return next(folder for folder in (path, *path.parents) if os.path.lexists(folder))


def _name(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"user {uid}"

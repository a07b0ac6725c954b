"""Where the bytes of attachments lie: under random names, in whatever Django's default storage is.

On a file system an upload grows in `incoming/` beside its later place and is renamed, which is
atomic; any other storage (S3) gets the complete file from the machine's temporary folder.
"""

from __future__ import annotations

import errno
import hashlib
import os
import secrets
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.files import File
from django.core.files.storage import FileSystemStorage, default_storage

from apps.common.errors import InsufficientStorageError, PayloadTooLargeError

FOLDER = "attachments"
INCOMING = "incoming"
PART = ".part"
FULL = {errno.ENOSPC, errno.EDQUOT}


def new_name(folder: str = FOLDER) -> str:
    """Return a random storage name in `folder`: 128 bits, spread over 256 folders."""
    token = secrets.token_hex(16)
    return f"{folder}/{token[:2]}/{token}"


@contextmanager
def rejected_when_full() -> Iterator[None]:
    """Turn "no space left" and "quota exceeded" of the file system into InsufficientStorage (507)."""
    try:
        yield
    except OSError as error:
        if error.errno in FULL:
            raise InsufficientStorageError from error
        raise


def require_room(size: int) -> None:
    """Raise InsufficientStorage when `size` more bytes would leave less than DISK_RESERVE_BYTES free."""
    root = _root()
    if root is None:
        return
    root.mkdir(parents=True, exist_ok=True)
    if shutil.disk_usage(root).free - size < settings.DISK_RESERVE_BYTES:
        raise InsufficientStorageError


class IncomingFile:
    """A file on its way in: written piece by piece, counted and hashed, sealed (on the disk for good), then placed."""

    def __init__(self, storage_name: str, *, limit: int | None = None) -> None:
        """Begin the file, which takes `limit` bytes at most."""
        self.storage_name = storage_name
        self.limit = limit
        self.size = 0
        self._digest = hashlib.sha256()
        self.path = _incoming_path(storage_name)
        with rejected_when_full():
            self.path.parent.mkdir(parents=True, exist_ok=True)
            descriptor = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        self._file = os.fdopen(descriptor, "wb")

    def write(self, data: bytes) -> None:
        """Append `data`; PayloadTooLarge beyond the limit, InsufficientStorage when it does not fit."""
        self.size += len(data)
        if self.limit is not None and self.size > self.limit:
            raise PayloadTooLargeError(f"The file is larger than {self.limit} bytes.")
        with rejected_when_full():
            self._file.write(data)
        self._digest.update(data)

    @property
    def sha256(self) -> str:
        """Return the digest of what has been written, in hexadecimal."""
        return self._digest.hexdigest()

    def seal(self) -> None:
        """Bring every byte to the disk and close the file."""
        with rejected_when_full():
            self._file.flush()
            mode = getattr(default_storage, "file_permissions_mode", None)
            os.fchmod(self._file.fileno(), 0o644 if mode is None else mode)
            os.fsync(self._file.fileno())
        self._file.close()

    def place(self) -> None:
        """Give the sealed file its place in the storage."""
        if _root() is None:
            with self.path.open("rb") as content:
                default_storage.save(self.storage_name, File(content))
            self.path.unlink()
            return
        target = Path(default_storage.path(self.storage_name))
        with rejected_when_full():
            target.parent.mkdir(parents=True, exist_ok=True)
            self.path.rename(target)
            _sync_folder(target.parent)
            _sync_folder(target.parent.parent)

    def close(self) -> None:
        """Let go of the descriptor; what was not yet written may be dropped with it."""
        with suppress(OSError):
            self._file.close()


def open_stored(storage_name: str) -> File[bytes]:
    """Return a stored file opened for reading; FileNotFoundError when it is not there."""
    stored: File[bytes] = default_storage.open(storage_name, "rb")
    return stored


def remove(storage_name: str) -> None:
    """Remove a file wherever it has got to, placed or incoming; one that is already gone is fine."""
    default_storage.delete(storage_name)
    _incoming_path(storage_name).unlink(missing_ok=True)


def stored_names(folder: str = FOLDER) -> Iterator[str]:
    """Yield the storage name of everything that lies in `folder`; after the attachments all incoming files."""
    for shard in sorted(_folders(folder)):
        for name in _files(f"{folder}/{shard}"):
            yield f"{folder}/{shard}/{name}"
    if folder == FOLDER and _root() is not None:
        for name in _files(INCOMING):
            token = name.removesuffix(PART)
            yield f"{FOLDER}/{token[:2]}/{token}"


def modified_at(storage_name: str) -> datetime | None:
    """Return when the file, placed or incoming, was last written; None when it is gone."""
    root = _root()
    candidates = [storage_name] if root is None else [storage_name, f"{INCOMING}/{Path(storage_name).name}{PART}"]
    for name in candidates:
        with suppress(FileNotFoundError):
            moment: datetime = default_storage.get_modified_time(name)
            return moment
    return None


def is_file_system() -> bool:
    """Return whether the bytes lie in files of this machine."""
    return isinstance(default_storage, FileSystemStorage)


def _root() -> Path | None:
    """Return the storage's folder, None for a storage that is no file system."""
    return Path(default_storage.path("")) if is_file_system() else None


def _incoming_path(storage_name: str) -> Path:
    token = Path(storage_name).name
    root = _root()
    if root is None:
        return Path(tempfile.gettempdir()) / f"{INCOMING}-{token}{PART}"
    return root / INCOMING / f"{token}{PART}"


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _listing(folder: str) -> tuple[list[str], list[str]]:
    try:
        listing: Any = default_storage.listdir(folder)
    except (FileNotFoundError, NotADirectoryError):
        return [], []
    return listing[0], listing[1]


def _folders(folder: str) -> list[str]:
    return _listing(folder)[0]


def _files(folder: str) -> list[str]:
    return _listing(folder)[1]

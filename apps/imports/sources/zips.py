"""Zip archives of strangers: what they say of themselves is not believed, and reading them stays cheap (IM7)."""

from __future__ import annotations

import io
import stat
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.conf import settings

from apps.common.errors import ValidationError
from apps.imports.sources.texts import unsupported
from apps.tasks.attachments.content_types.archives import STARTS, UNREADABLE

MAX_ENTRIES = 1_000
MAX_RATIO = 100  # of all that is unpacked to the size of the archive
ALWAYS_FINE = 1024**2  # bytes unpacked, whatever the ratio
DIRECTORY = 2 * 1024**2  # bytes: a thousand entries with the longest names of files
CHUNK = 64 * 1024  # bytes unpacked at a time
MAX_LINE = 1024**2  # characters
MAX_TEXTS = 10  # times IMPORT_MAX_BYTES: what is unpacked of the tables, which are held in memory
METHODS = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}
ENCRYPTED = 0x1
MARKS_OF_UTF16 = (b"\xff\xfe", b"\xfe\xff")


def is_zip(data: bytes) -> bool:
    """Return whether a file begins as a zip archive does."""
    return data[:8].startswith(STARTS)


class SafeZip:
    """An archive whose entries have been looked at, and whose bytes are counted as they are unpacked."""

    def __init__(self, data: bytes) -> None:
        """Read the directory of an archive; ValidationError `unsupported_file` at /file for one that is not safe."""
        with _readable():
            self._archive = zipfile.ZipFile(_Bounded(data))
        self._left = max(MAX_RATIO * len(data), ALWAYS_FINE)
        self._left_of_texts = MAX_TEXTS * settings.IMPORT_MAX_BYTES
        entries = self._archive.infolist()
        if len(entries) > MAX_ENTRIES:
            raise unsupported(f"The archive has more than {MAX_ENTRIES} entries.")
        self._entries: dict[str, zipfile.ZipInfo] = {}
        for entry in entries:
            _require_safe(entry)
            if entry.filename in self._entries:
                raise unsupported(f"The archive has “{entry.filename[:100]}” twice.")
            self._entries[entry.filename] = entry
        if sum(entry.file_size for entry in entries) > self._left:
            raise self._too_large()

    @property
    def names(self) -> list[str]:
        """Return the names of its files in their order."""
        return [name for name in self._entries if not name.endswith("/")]

    def chunks(self, name: str) -> Iterator[bytes]:
        """Yield the bytes of an entry; KeyError when there is none, ValidationError for what cannot be unpacked."""
        found = self._entries[name]
        with _readable(), self._archive.open(found) as entry:
            while chunk := entry.read(CHUNK):
                self._left -= len(chunk)
                if self._left < 0:
                    raise self._too_large()
                yield chunk

    def _too_large(self) -> ValidationError:
        return unsupported(f"The archive unpacks to more than {MAX_RATIO} times its size.")

    def text(self, name: str) -> bytes:
        """Return a whole entry, counted as a text; raises what `chunks` does."""
        return b"".join(self._texts(name))

    def lines(self, name: str) -> Iterator[str]:
        """Yield the lines that are not blank of a text in UTF-8, or UTF-16 with its mark; raises what `chunks` does."""
        source = io.BufferedReader(_Stream(self._texts(name)), CHUNK)
        encoding = "utf-16" if source.peek(2)[:2] in MARKS_OF_UTF16 else "utf-8-sig"
        with _readable(), io.TextIOWrapper(source, encoding=encoding, newline="\n") as text:
            while line := text.readline(MAX_LINE):
                if len(line) == MAX_LINE and not line.endswith("\n"):
                    raise unsupported(f"“{name[:100]}” has a line of more than {MAX_LINE} characters.")
                if line.strip():
                    yield line

    def _texts(self, name: str) -> Iterator[bytes]:
        for chunk in self.chunks(name):
            self._left_of_texts -= len(chunk)
            if self._left_of_texts < 0:
                raise unsupported("The tables of the archive are too large.")
            yield chunk


class _Bounded(io.BytesIO):
    """A file of which no more than a directory's worth is read at once."""

    def read(self, size: int | None = -1) -> bytes:
        if size is not None and size > DIRECTORY:
            raise unsupported(f"The archive has more than {MAX_ENTRIES} entries.")
        return super().read(-1 if size is None else size)


class _Stream(io.RawIOBase):
    """Bytes that come in chunks, as a file."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self._chunks, self._waiting = chunks, b""

    def readable(self) -> bool:
        return True

    def readinto(self, target: Any) -> int:
        self._waiting = self._waiting or next(self._chunks, b"")
        found = self._waiting[: len(target)]
        target[: len(found)] = found
        self._waiting = self._waiting[len(found) :]
        return len(found)


def _require_safe(entry: zipfile.ZipInfo) -> None:
    """Raise ValidationError unless the entry is a plain file or folder at a place inside the archive."""
    name = entry.filename
    # `zipfile` cuts a name at a NUL, and on Windows turns backslashes round: the name as it is written decides
    for text in (name, entry.orig_filename):
        parts = text.split("/")
        if text.startswith("/") or "\\" in text or "\0" in text or ".." in parts or (parts[0][1:2] == ":"):
            raise unsupported(f"The archive has an entry outside of itself: “{text[:100]}”.")
    mode = entry.external_attr >> 16
    if mode and stat.S_IFMT(mode) not in (0, stat.S_IFREG, stat.S_IFDIR):
        raise unsupported(f"“{name[:100]}” is not a plain file.")
    if entry.flag_bits & ENCRYPTED:
        raise unsupported("The archive is encrypted.")
    if entry.compress_type not in METHODS:
        raise unsupported(f"“{name[:100]}” is packed in a way that is not read.")


@contextmanager
def _readable() -> Iterator[None]:
    """Turn what `zipfile` raises on archives that are broken into ValidationError."""
    try:
        yield
    except UNREADABLE:
        raise unsupported("The archive is damaged, or of a kind that is not read.") from None

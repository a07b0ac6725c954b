"""The file of an export: a zip archive that is written once, from its beginning to its end."""

from __future__ import annotations

import hashlib
import json
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import IO, Any

from django.core.serializers.json import DjangoJSONEncoder

from apps.tasks.attachments.storage import IncomingFile

FORMAT = "taskhouse/1"
CHUNK = 1024 * 1024  # bytes of a file at a time

_as_json = DjangoJSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


class Sink:
    """The file on its way in, as `zipfile` wants to write to it."""

    def __init__(self, target: IncomingFile) -> None:
        self._target = target

    def write(self, data: bytes) -> int:
        """Append `data`; InsufficientStorageError when it does not fit."""
        self._target.write(data)
        return len(data)

    def flush(self) -> None:
        """Do nothing: `seal` brings everything to the disk."""


class Archive:
    """Writes rows and files, and keeps for the manifest how many there were, with their checksums."""

    def __init__(self, sink: Sink) -> None:
        self._zip = zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED)  # type: ignore[call-overload]  # it needs no more
        self._files: dict[str, dict[str, Any]] = {}

    def add_rows(self, name: str, rows: Iterable[dict[str, Any]]) -> None:
        """Write `rows` as one JSON object to a line (NDJSON), as they come."""
        count = 0
        with self._member(name, zipfile.ZIP_DEFLATED) as write:
            for row in rows:
                write(f"{_as_json(row)}\n".encode())
                count += 1
        self._files[name] = {"count": count, **self._files[name]}

    def add_file(self, name: str, content: IO[bytes]) -> None:
        """Write the bytes of a file as they are."""
        with self._member(name, zipfile.ZIP_STORED) as write:
            while chunk := content.read(CHUNK):
                write(chunk)

    def finish(self, **about: Any) -> None:
        """Write the manifest, which ends the archive."""
        manifest = {"format": FORMAT, **about, "files": self._files}
        self._zip.writestr("manifest.json", json.dumps(manifest, cls=DjangoJSONEncoder, ensure_ascii=False, indent=1))
        self._zip.close()

    @contextmanager
    def _member(self, name: str, compression: int) -> Iterator[Any]:
        digest, size = hashlib.sha256(), 0
        info = zipfile.ZipInfo(name)
        info.compress_type = compression
        with self._zip.open(info, "w", force_zip64=True) as member:

            def write(data: bytes) -> None:
                nonlocal size
                member.write(data)
                digest.update(data)
                size += len(data)

            yield write
        self._files[name] = {"size": size, "sha256": digest.hexdigest()}

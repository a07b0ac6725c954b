"""Taking a file out of a multipart body, straight into its place in the storage."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from io import BytesIO
from typing import Any, NoReturn

from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler, SkipFile
from rest_framework.exceptions import ErrorDetail
from rest_framework.request import Request

from apps.tasks.attachments.services import Upload
from apps.tasks.models import Task
from apps.users.models import User

FIELD = "file"


class ReceivedFile(UploadedFile):  # type: ignore[type-arg]  # Django's class is not subscriptable
    """What the serializer is shown of a file that has been taken in: all but the bytes."""

    sha256 = ""


class UploadHandler(FileUploadHandler):
    """Begins an upload at the first file of a body and rejects a second one, or one in another field."""

    chunk_size = 256 * 1024  # bytes; also what is read from the connection at once

    def __init__(self, *, actor: User, task: Task) -> None:
        super().__init__()
        self.actor = actor
        self.task = task
        self.upload: Upload | None = None
        self.faults: dict[str, ErrorDetail] = {}  # by field, of files that were skipped

    def handle_raw_input(
        self,
        input_data: Any,
        META: Mapping[str, str],  # noqa: N803 - Django's name
        content_length: int,
        boundary: Any,
        encoding: str | None = None,
    ) -> None:
        self.announced = content_length

    def new_file(self, field_name: str, file_name: str, *args: Any, **kwargs: Any) -> None:
        if field_name != FIELD:
            self._skip(field_name, "unknown_field", "There is no such field.")
        if self.upload is not None:
            self._skip(FIELD, "one_file", "Send exactly one file.")
        if not file_name.strip():
            self._skip(FIELD, "no_name", "The file has no name.")
        self.received = ReceivedFile(BytesIO(), file_name)
        self.upload = Upload(actor=self.actor, task=self.task, name=file_name, announced=self.announced)

    def _skip(self, field: str, code: str, detail: str) -> NoReturn:
        """Note what is wrong with a file, and read past it: other faults of the body are reported with it."""
        self.faults[field] = ErrorDetail(detail, code=code)
        raise SkipFile

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        assert self.upload is not None  # noqa: S101 - new_file comes first
        self.upload.write(raw_data)

    def file_complete(self, file_size: int) -> UploadedFile[bytes] | None:
        assert self.upload is not None  # noqa: S101 - new_file comes first
        self.received.size, self.received.sha256 = self.upload.size, self.upload.sha256
        return self.received


@contextmanager
def receiving(request: Request, *, actor: User, task: Task) -> Iterator[UploadHandler]:
    """Read the body of `request`, and leave nothing behind unless the upload becomes ready inside.

    Raises what the parser and the upload raise.
    """
    handler = UploadHandler(actor=actor, task=task)
    request.upload_handlers = [handler]
    try:
        request.data  # noqa: B018 - reads the body
        yield handler
    finally:
        if handler.upload is not None:
            handler.upload.close()


def drain(request: Request, *, limit: int) -> None:
    """Read what is left of a rejected body of at most `limit` bytes, so that the client gets to the answer.

    A server that closes a connection with unread bytes in it resets it (RFC 9112 §9.6).
    """
    if int(request.META.get("CONTENT_LENGTH") or 0) > limit:
        return
    with suppress(OSError):
        while request._request.read(UploadHandler.chunk_size):
            pass

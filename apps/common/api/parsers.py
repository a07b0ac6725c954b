"""Request bodies: strict JSON, and multipart where a file is taken."""

from __future__ import annotations

import json
import math
from codecs import BOM_UTF8
from collections.abc import Iterator, Mapping
from typing import IO, Any

from django.conf import settings
from django.http import multipartparser
from django.http.multipartparser import MultiPartParser as DjangoMultiPartParser
from django.http.multipartparser import MultiPartParserError
from django.utils.http import parse_header_parameters
from rest_framework.exceptions import ParseError
from rest_framework.parsers import DataAndFiles, JSONParser, MultiPartParser
from rest_framework.request import Request

from apps.common.api.file_names import clean_file_name
from apps.common.errors import PayloadTooLargeError

MAX_DEPTH = 32
FRAME_BYTES = 65_536  # boundaries, headers and other fields around a file
# Headers of one part. Django stops at 1,024 bytes: less than a name of 255 characters has, percent-encoded in
# `filename*` (up to 12 bytes each). Looked up by Django at every part; it has no setting.
multipartparser.MAX_TOTAL_HEADER_SIZE = 16_384  # type: ignore[attr-defined]


class StrictJSONParser(JSONParser):
    """JSON (RFC 8259) that PostgreSQL can store: no NUL, no lone surrogate, depth at most 32.

    A byte order mark at the beginning is ignored (RFC 8259 §8.1).

    Raises ParseError (400) for anything else, PayloadTooLarge (413) over BODY_MAX_BYTES.
    """

    def parse(
        self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        limit = settings.BODY_MAX_BYTES
        raw = stream.read(limit + 1)
        if len(raw) > limit:
            raise PayloadTooLargeError(f"The body is larger than {limit} bytes.")
        return read_json(raw)


def read_json(raw: bytes, *, depth: int = MAX_DEPTH) -> Any:
    """Return the value of strict JSON of at most `depth` levels. Raises ParseError."""
    try:
        text = raw.removeprefix(BOM_UTF8).decode("utf-8")
        value = json.loads(text, parse_constant=_reject_constant, parse_float=_finite)
    except RecursionError:
        raise ParseError(f"The JSON is nested deeper than {depth} levels.") from None
    except ValueError as error:
        raise ParseError(f"The body is not valid JSON: {_what_is_wrong(error)}.") from None
    # Without an escape there is no NUL or surrogate, with few brackets no depth: most bodies end here.
    if b"\\u" in raw or raw.count(b"{") + raw.count(b"[") > depth:
        _scan(value, depth)
    return value


def _what_is_wrong(error: ValueError) -> str:
    """Return the reason in words that mean something to a caller without Python."""
    if isinstance(error, json.JSONDecodeError):
        what = "a second byte order mark" if "BOM" in error.msg else error.msg
        return f"{what} (line {error.lineno}, column {error.colno})"
    if isinstance(error, UnicodeDecodeError):
        return f"byte {error.start} is not UTF-8"
    return "a number has too many digits" if "digits" in str(error) else str(error)


def _reject_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


def _finite(text: str) -> float:
    number = float(text)
    if math.isinf(number):  # 1e400 would be stored as Infinity, which is no JSON
        raise ValueError(f"{text[:20]} is out of range")
    return number


def _scan(value: Any, most: int) -> None:
    stack: list[tuple[Any, int]] = [(value, 1)]
    while stack:
        item, depth = stack.pop()
        if isinstance(item, str):
            _check_text(item)
        elif isinstance(item, dict | list):
            if depth > most:
                raise ParseError(f"The JSON is nested deeper than {most} levels.")
            stack.extend((inner, depth + 1) for inner in _children(item))


def _children(item: dict[str, Any] | list[Any]) -> Iterator[Any]:
    if isinstance(item, dict):
        yield from item.keys()
        yield from item.values()
    else:
        yield from item


def _check_text(text: str) -> None:
    if "\x00" in text:
        raise ParseError("Text may not contain the NUL character.")
    if any("\ud800" <= character <= "\udfff" for character in text):
        raise ParseError("Text may not contain a lone surrogate.")


class _NameKeepingParser(DjangoMultiPartParser):
    """Django's parser, which unescapes HTML in file names and drops what Python calls unprintable."""

    def sanitize_file_name(self, file_name: str) -> str:
        """Return the name to keep; a blank when nothing is left, since Django skips files without a name."""
        return clean_file_name(file_name) or " "


class UploadParser(MultiPartParser):
    """Multipart for the routes that take a file: at most `max_upload_bytes` of the view and the frame.

    Raises PayloadTooLarge (413) by the announced length, before a byte is read, and ParseError (400)
    for a body that is cut off.
    """

    def parse(
        self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        context = parser_context or {}
        limit = getattr(context["view"], "max_upload_bytes", settings.ATTACHMENT_MAX_BYTES)
        length = context["request"].META.get("CONTENT_LENGTH") or "0"
        if not length.isdecimal() or int(length) > limit + FRAME_BYTES:
            raise PayloadTooLargeError(f"The file is larger than {limit} bytes.")
        watched = _Watched(stream)
        parsed = _parsed(watched, context["request"], media_type or "")
        boundary = str(parse_header_parameters(media_type or "")[1].get("boundary", ""))
        if watched.size < int(length) or f"--{boundary}--".encode() not in watched.tail:
            for file in parsed.files.values():
                file.close()
            raise ParseError("The body ends before its closing boundary.")
        for name, values in parsed.data.lists():
            for text in (name, *values):
                _check_text(text)
        return parsed


def _parsed(stream: Any, request: Request, media_type: str) -> DataAndFiles[Any, Any]:
    meta = request.META | {"CONTENT_TYPE": media_type}
    try:
        return DataAndFiles(*_NameKeepingParser(meta, stream, request.upload_handlers, "utf-8").parse())
    except MultiPartParserError as error:
        raise ParseError(f"The body is not valid multipart: {error}") from None


class _Watched:
    """A body that remembers how much of it came and how it ended: Django takes half a file for a whole one."""

    TAIL = 256  # bytes; a boundary has at most 70 (RFC 2046 §5.1.1)

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self.size = 0
        self.tail = b""

    def read(self, size: int = -1) -> bytes:
        chunk = self._stream.read(size)
        self.size += len(chunk)
        self.tail = (self.tail + chunk)[-self.TAIL :]
        return chunk

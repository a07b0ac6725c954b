"""Request bodies: strict JSON, and multipart where a file is taken."""

from __future__ import annotations

import json
import math
from codecs import BOM_UTF8
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import IO, Any

from django.conf import settings
from django.http import QueryDict, multipartparser
from django.http.multipartparser import MultiPartParser as DjangoMultiPartParser
from django.http.multipartparser import MultiPartParserError
from django.utils.datastructures import MultiValueDict
from django.utils.http import parse_header_parameters
from rest_framework.exceptions import ParseError
from rest_framework.parsers import DataAndFiles, JSONParser, MultiPartParser
from rest_framework.request import Request

from apps.common.api.file_names import clean_file_name
from apps.common.api.parameters import repeated
from apps.common.api.part_heads import PartHeads
from apps.common.errors import PayloadTooLargeError, ValidationError

MAX_DEPTH = 32
BYTES = "latin-1"  # one character for each byte
FRAME_BYTES = 65_536  # boundaries, headers and other fields around a file
# Headers of one part. Django stops at 1,024 bytes: less than a name of 255 characters has, percent-encoded in
# `filename*` (up to 12 bytes each). Looked up by Django at every part; it has no setting.
MAX_HEAD_BYTES = 16_384
multipartparser.MAX_TOTAL_HEADER_SIZE = MAX_HEAD_BYTES  # type: ignore[attr-defined]


class StrictJSONParser(JSONParser):
    """JSON (RFC 8259) that PostgreSQL can store: no NUL, no lone surrogate, depth at most 32, each name once.

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
        value = json.loads(
            text, parse_constant=_reject_constant, parse_float=_finite, object_pairs_hook=_without_repeated_names
        )
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


def _without_repeated_names(members: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return the object; ParseError where a name stands twice: one of the values would be dropped without a word."""
    made = dict(members)
    if len(made) < len(members):
        name, _ = Counter(each for each, _ in members).most_common(1)[0]
        raise ParseError(f"The name {json.dumps(name[:100])} stands twice in one object of the body.")
    return made


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
        return clean_file_name(_as_utf8(file_name, "of the file's name")) or " "


class UploadParser(MultiPartParser):
    """Multipart for the routes that take a file: at most `max_upload_bytes` of the view and the frame.

    Raises PayloadTooLarge (413) by the announced length, before a byte is read, and ParseError (400)
    for a body that is cut off, or of which a part would be lost, ValidationError for a field that stands twice.
    """

    def parse(
        self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        context = parser_context or {}
        limit = getattr(context["view"], "max_upload_bytes", settings.ATTACHMENT_MAX_BYTES)
        length = context["request"].META.get("CONTENT_LENGTH") or "0"
        if not length.isdecimal() or int(length) > limit + FRAME_BYTES:
            raise PayloadTooLargeError(f"The file is larger than {limit} bytes.")
        boundary = str(parse_header_parameters(media_type or "")[1].get("boundary", ""))
        watched = _Watched(stream, PartHeads(boundary, longest=MAX_HEAD_BYTES))
        data, files = _parsed(watched, context["request"], media_type or "")
        try:
            if watched.size < int(length) or f"--{boundary}--".encode() not in watched.tail:
                raise ParseError("The body ends before its closing boundary.")
            return DataAndFiles(_read(data), _named(files))
        except (ParseError, ValidationError):
            for _, sent in files.lists():
                for file in sent:
                    file.close()
            raise


def _parsed(stream: Any, request: Request, media_type: str) -> tuple[QueryDict, MultiValueDict[str, Any]]:
    """Return fields and files, with names and texts of one character for each byte.

    Django reads UTF-8 with U+FFFD in place of what is none; so the bytes are kept for `_text`.
    """
    meta = request.META | {"CONTENT_TYPE": media_type}
    try:
        return _NameKeepingParser(meta, stream, request.upload_handlers, BYTES).parse()
    except MultiPartParserError as error:
        raise ParseError(f"The body is not valid multipart: {error}") from None


def _read(data: QueryDict) -> QueryDict:
    read = QueryDict(mutable=True)
    for raw, values in data.lists():
        name = _text(raw, "of a field's name")
        if len(values) > 1:
            raise ValidationError(repeated(name))
        read[name] = _text(values[0], f"of {name}")
    return read


def _named(files: MultiValueDict[str, Any]) -> MultiValueDict[str, Any]:
    named = MultiValueDict({_text(raw, "of a field's name"): sent for raw, sent in files.lists()})
    for name, sent in named.lists():
        if len(sent) > 1:
            raise ValidationError.at(f"/{name}", "one_file", "Send exactly one file.")
    return named


def _text(raw: str, whose: str) -> str:
    text = _as_utf8(raw, whose)
    _check_text(text)
    return text


def _as_utf8(raw: str, whose: str) -> str:
    try:
        return raw.encode(BYTES).decode()
    except UnicodeDecodeError:
        raise ParseError(f"The text {whose} is not UTF-8.") from None


class _Watched:
    """A body that remembers how much of it came and how it ended: Django takes half a file for a whole one."""

    TAIL = 256  # bytes; a boundary has at most 70 (RFC 2046 §5.1.1)

    def __init__(self, stream: IO[bytes], heads: PartHeads) -> None:
        self._stream, self._heads = stream, heads
        self.size = 0
        self.tail = b""

    def read(self, size: int = -1) -> bytes:
        chunk = self._stream.read(size)
        self.size += len(chunk)
        self.tail = (self.tail + chunk)[-self.TAIL :]
        self._heads.feed(chunk)
        return chunk

"""Request bodies: strict JSON, and multipart where a file is taken."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import IO, Any

from django.conf import settings
from rest_framework.exceptions import ParseError
from rest_framework.parsers import JSONParser, MultiPartParser

from apps.common.errors import PayloadTooLarge

MAX_DEPTH = 32


class StrictJSONParser(JSONParser):
    """JSON (RFC 8259) that PostgreSQL can store: no NUL, no lone surrogate, depth at most 32.

    Raises ParseError (400) for anything else, PayloadTooLarge (413) over BODY_MAX_BYTES.
    """

    def parse(
        self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        limit = settings.BODY_MAX_BYTES
        raw = stream.read(limit + 1)
        if len(raw) > limit:
            raise PayloadTooLarge(f"The body is larger than {limit} bytes.")
        try:
            value = json.loads(raw.decode("utf-8"), parse_constant=_refuse_constant)
        except RecursionError:
            raise ParseError(f"The JSON is nested deeper than {MAX_DEPTH} levels.") from None
        except (ValueError, UnicodeDecodeError) as error:
            raise ParseError(f"The body is not valid JSON: {error}") from None
        # Without an escape there is no NUL or surrogate, with few brackets no depth: most bodies end here.
        if b"\\u" in raw or raw.count(b"{") + raw.count(b"[") > MAX_DEPTH:
            _scan(value)
        return value


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


def _scan(value: Any) -> None:
    stack: list[tuple[Any, int]] = [(value, 1)]
    while stack:
        item, depth = stack.pop()
        if isinstance(item, str):
            _check_text(item)
        elif isinstance(item, dict | list):
            if depth > MAX_DEPTH:
                raise ParseError(f"The JSON is nested deeper than {MAX_DEPTH} levels.")
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


class UploadParser(MultiPartParser):
    """Multipart for the routes that take a file; the JSON limit does not count there."""

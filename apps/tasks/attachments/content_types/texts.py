"""Plain text and JSON: no control characters, and not the beginning of something that runs."""

from __future__ import annotations

import codecs
import re

from apps.tasks.attachments.content_types.json_syntax import is_json
from apps.tasks.attachments.content_types.refusal import MARKUP, WINDOW, Data, Refused

PLAIN, JSON = "text/plain", "application/json"
PIECE = 1_048_576  # bytes looked at in one go
MARKDOWN = {".md", ".markdown"}
BYTE_ORDER_MARKS = {codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}

# "Binary data bytes" of WHATWG MIME Sniffing §3
CONTROLS = bytes([*range(0x09), 0x0B, *range(0x0E, 0x1B), *range(0x1C, 0x20)])
CONTROL_CHARACTERS = re.compile(f"[{re.escape(CONTROLS.decode('ascii'))}]")

# Beginnings that make a text a script, a page or another format: WHATWG MIME Sniffing §7.1, and shells
STARTS = re.compile(
    rb"#!|@echo\s+off|<\?|<%|%!ps|%pdf-|\{\\rtf"
    rb"|<(?:!doctype|html|head|script|iframe|style|body|svg|img|object|embed|link|meta|base|form)[\s>/]",
    re.IGNORECASE,
)
# Markdown may begin with these
WEAK_STARTS = re.compile(rb"<!--|<(?:h1|div|font|table|a|title|b|br|p)[\s>/]", re.IGNORECASE)


def text(data: Data, *, ending: str) -> str:
    """Return plain text's type; JSON's when the name ends in `.json` and it is JSON.

    Taken are UTF-8, UTF-16 with a byte order mark, and the old 8-bit encodings. Raises Refused for
    anything else, and for pages and scripts.
    """
    encoding = BYTE_ORDER_MARKS.get(data[:2])
    if encoding:
        head = _wide_text(data, encoding)
    else:
        _refuse_controls(data)
        head = data[:WINDOW].removeprefix(codecs.BOM_UTF8)
    _refuse_active(head, ending)
    if ending == ".json" and not encoding and _is_utf8(data) and is_json(data):
        return JSON
    return PLAIN


def _refuse_controls(data: Data) -> None:
    for start in range(0, len(data), PIECE):
        piece = data[start : start + PIECE]
        if len(piece.translate(None, CONTROLS)) != len(piece):
            raise Refused("The content is none of the types that are taken.")


def _wide_text(data: Data, encoding: str) -> bytes:
    """Return the beginning of a UTF-16 text in UTF-8."""
    decoder = codecs.getincrementaldecoder(encoding)()
    head = ""
    try:
        for start in range(2, len(data), PIECE):
            piece = decoder.decode(data[start : start + PIECE], final=start + PIECE >= len(data))
            if CONTROL_CHARACTERS.search(piece):
                raise Refused("The content is none of the types that are taken.")
            head = head or piece[:WINDOW]
    except UnicodeDecodeError:
        raise Refused("The content is none of the types that are taken.") from None
    return head.encode()


def _refuse_active(head: bytes, ending: str) -> None:
    start = head.lstrip(b" \t\r\n\x0c")
    active = STARTS.match(start) or MARKUP.search(head)
    if active or (ending not in MARKDOWN and WEAK_STARTS.match(start)):
        raise Refused("The content is a page, a script or another format that is not taken.")


def _is_utf8(data: Data) -> bool:
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        for start in range(0, len(data), PIECE):
            decoder.decode(data[start : start + PIECE], final=start + PIECE >= len(data))
    except UnicodeDecodeError:
        return False
    return True

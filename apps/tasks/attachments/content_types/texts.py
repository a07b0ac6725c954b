"""Plain text and JSON: no binary bytes, and not the beginning of a page or a script."""

from __future__ import annotations

import codecs
import re

from apps.tasks.attachments.content_types.endings import TEXT_ENDINGS
from apps.tasks.attachments.content_types.json_syntax import is_json
from apps.tasks.attachments.content_types.rejection import Data, Rejected

PLAIN, JSON = "text/plain", "application/json"
MAYBE_JSON = re.compile(rb"\s*[\[{]")
PIECE = 1_048_576  # bytes looked at in one go
# The longer marks first: UTF-32's begins with UTF-16's
BYTE_ORDER_MARKS = {
    codecs.BOM_UTF32_LE: "utf-32-le",
    codecs.BOM_UTF32_BE: "utf-32-be",
    codecs.BOM_UTF16_LE: "utf-16-le",
    codecs.BOM_UTF16_BE: "utf-16-be",
}
# Control characters of no text. Others are: bell, backspace, tab, the line ends, shifts of old character sets and
# terminals (SO, SI), the end mark of DOS (^Z), escape.
BINARY = bytes([*range(0x07), *range(0x10, 0x1A), *range(0x1C, 0x20)])
# Mail may carry anything; what breaks off on its way is filled with zeros, and mail programs show it all the same.
MAIL = re.compile(
    rb"(?:From \S+ [^\n]*\n)?"
    rb"(?:return-path|received|delivered-to|from|to|date|subject|message-id|mime-version|x-[\w-]+):",
    re.IGNORECASE,
)
BINARY_CHARACTER = re.compile(f"[{re.escape(BINARY.decode('ascii'))}]")

XML_DECLARATION = re.compile(rb"\s*<\?xml\s", re.IGNORECASE)
# What may stand before the root of a page: blanks, comments, processing instructions, other document types
BEFORE_ROOT = re.compile(
    rb"\s+|<!--.*?-->|<\?(?!php\b)[a-z_][\w.:-]*\s.*?\?>|<!doctype(?!\s+(?:html|svg)\b)[^\[>]*(?:\[.*?\]\s*)?>",
    re.IGNORECASE | re.DOTALL,
)
ROOT = re.compile(rb"<!doctype\s+(?:html|svg)\b|<(?:[\w.-]+:)?(?:html|svg)(?=[\s/>]|\Z)", re.IGNORECASE)
# A page may begin with these as well, since HTML lets <html> and <head> be left out. XML may not.
HEAD = re.compile(
    rb"<(?:head|body|script|style|title|meta|link|base|i?frame|frameset|object|embed|applet)(?=[\s/>]|\Z)",
    re.IGNORECASE,
)
# Scripts, server pages, encoded scripts, PostScript (a language) and rich text (which carries objects)
SCRIPT = re.compile(rb"\s*(?:#!\s*[\w./]|<\?(?:php\b|=|\s)|<%|@echo\s+off\b|#@~\^|%!ps|\{\\rtf)", re.IGNORECASE)


def text_type(data: Data, *, ending: str) -> str | None:
    """Return JSON's type or plain text's, None for what is no text.

    Text is UTF-8, the old 8-bit encodings, and UTF-16 and UTF-32 with a byte order mark. Raises Rejected for
    what begins as a page or a script, and for what is called `.json` and is none.
    """
    mark = next((mark for mark in BYTE_ORDER_MARKS if data[: len(mark)] == mark), b"")
    text = _decoded(data[len(mark) :], BYTE_ORDER_MARKS[mark]) if mark else data
    if text is None or (not mark and _is_binary(data)):
        return None
    start = len(codecs.BOM_UTF8) if text[:3] == codecs.BOM_UTF8 else 0
    _reject_active(text, start)
    if ending in TEXT_ENDINGS:
        return PLAIN
    if (ending == ".json" or MAYBE_JSON.match(text, start)) and _is_utf8(text) and is_json(text[start:]):
        return PLAIN if mark else JSON  # JSON is UTF-8 (RFC 8259 §8.1)
    if ending == ".json":
        raise Rejected("The content is not JSON.", code="extension_mismatch")
    return PLAIN


def _is_binary(data: Data) -> bool:
    binary = BINARY.replace(b"\x00", b"") if MAIL.match(data) else BINARY
    pieces = (data[start : start + PIECE] for start in range(0, len(data), PIECE))
    return any(len(piece.translate(None, binary)) != len(piece) for piece in pieces)


def _decoded(wide: bytes, encoding: str) -> bytes | None:
    try:
        text = wide.decode(encoding)
    except UnicodeDecodeError:
        return None
    return None if BINARY_CHARACTER.search(text) else text.encode()


def _reject_active(text: Data, start: int) -> None:
    position = start
    while skipped := BEFORE_ROOT.match(text, position):
        position = skipped.end()
    is_page = ROOT.match(text, position) or (not XML_DECLARATION.match(text, start) and HEAD.match(text, position))
    if is_page or SCRIPT.match(text, start) or SCRIPT.match(text, position):
        raise Rejected("The content is a page, a script or another format that is not accepted.")


def _is_utf8(text: Data) -> bool:
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        for start in range(0, len(text), PIECE):
            decoder.decode(text[start : start + PIECE], final=start + PIECE >= len(text))
    except UnicodeDecodeError:
        return False
    return True

"""Whether bytes are JSON (RFC 8259), found out without building a value: memory does not grow with what it holds."""

from __future__ import annotations

import re

MAX_DEPTH = 1_000  # what Python's own reader stands
BLOCK = 65_536  # bytes rewritten at once
# Single signs stand for what has been read: no JSON contains these control characters.
ESCAPED, SCALAR, TEXT = b"\x01", b"\x02", b"\x03"
CONTROL = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f]")
BAD_UNICODE = re.compile(rb"\\u(?![0-9a-fA-F]{4})")
ESCAPES = (b'\\"', b"\\/", b"\\b", b"\\f", b"\\n", b"\\r", b"\\t", b"\\u")
STRING = re.compile(rb'"[^"\\\t\n\r]*"')
SCALARS = re.compile(rb"true|false|null|-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")
BORDER = re.compile(rb"[\s,:\[\]{}]")  # no scalar goes on behind one
SPACE = b" \t\r\n"

# What may stand next, and which sign leads where
VALUE, FIRST_VALUE, FIRST_KEY, KEY, COLON, AFTER = range(6)
_VALUES = {SCALAR[0]: AFTER, TEXT[0]: AFTER, ord("["): FIRST_VALUE, ord("{"): FIRST_KEY}
NEXT = (
    _VALUES,
    _VALUES | {ord("]"): AFTER},
    {TEXT[0]: COLON, ord("}"): AFTER},
    {TEXT[0]: COLON},
    {ord(":"): VALUE},
    {ord(","): VALUE, ord("]"): AFTER, ord("}"): AFTER},
)
CLOSED_BY = {ord("["): ord("]"), ord("{"): ord("}")}


def is_json(text: bytes) -> bool:
    """Return whether `text`, which is UTF-8, is one JSON value of at most MAX_DEPTH levels."""
    text = text.replace(b"\\\\", ESCAPED) if not CONTROL.search(text) else b""
    if BAD_UNICODE.search(text):
        return False
    for escape in ESCAPES:
        text = text.replace(escape, ESCAPED)
    shape = _without_strings(text)
    return shape is not None and _is_one_value(_without_scalars(shape))


def _without_strings(text: bytes) -> bytearray | None:
    """Return `text` with one sign for each string, None when a string has no end."""
    shape, position = bytearray(), 0
    while (start := text.find(b'"', position)) >= 0:
        string = STRING.match(text, start)
        if string is None:
            return None
        shape += text[position:start] + TEXT
        position = string.end()
    shape += text[position:]
    return shape


def _without_scalars(shape: bytearray) -> bytearray:
    """Return `shape` with one sign for each number, true, false or null, and without space."""
    signs, position = bytearray(), 0
    while position < len(shape):
        border = BORDER.search(shape, position + BLOCK)
        end = border.start() if border else len(shape)
        signs += SCALARS.sub(SCALAR, shape[position:end]).translate(None, SPACE)
        position = end
    return signs


def _is_one_value(signs: bytearray) -> bool:
    state, closing = VALUE, bytearray()  # the brackets that close what is open
    for sign in signs:
        following = NEXT[state].get(sign)
        if following is None:
            return False
        state = following
        if sign in CLOSED_BY:
            closing.append(CLOSED_BY[sign])
            if len(closing) > MAX_DEPTH:
                return False
        elif state == AFTER and sign > TEXT[0]:  # a closing bracket
            if not closing or closing.pop() != sign:
                return False
        elif sign == ord(","):
            if not closing:
                return False
            state = VALUE if closing[-1] == ord("]") else KEY
    return state == AFTER and not closing

"""Whether bytes are JSON (RFC 8259), found out without building a value: memory grows with the depth alone."""

from __future__ import annotations

import re

from apps.tasks.attachments.content_types.refusal import Data

MAX_DEPTH = 1_000
MAX_STEPS = 1_000_000  # about a second; flat lists and objects take one step, however long

# Every repetition is possessive: no text makes the matcher remember its way back.
SPACE = rb"[ \t\r\n]*+"
STRING = rb'"(?:[^"\\\x00-\x1f]++|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*+"'
NUMBER = rb"-?(?:0|[1-9][0-9]*+)(?:\.[0-9]++)?+(?:[eE][+-]?[0-9]++)?+"
SCALAR = rb"(?:" + STRING + rb"|" + NUMBER + rb"|true|false|null)"
COMMA = SPACE + rb"," + SPACE
COLON = SPACE + rb":" + SPACE


def _several(item: bytes) -> bytes:
    return item + rb"(?:" + COMMA + item + rb")*+"


def _enclosed(opening: bytes, items: bytes, closing: bytes) -> bytes:
    return opening + SPACE + rb"(?:" + items + SPACE + rb")?+" + closing


FLAT_LIST = _enclosed(rb"\[", _several(SCALAR), rb"\]")
FLAT_OBJECT = _enclosed(rb"\{", _several(STRING + COLON + SCALAR), rb"\}")
VALUE = rb"(?>" + SCALAR + rb"|" + FLAT_LIST + rb"|" + FLAT_OBJECT + rb")"

# What may stand in each place: something whole (group 1), or an opening bracket of something deep (group 2)
WHOLE = re.compile(SPACE + rb"(?:(" + VALUE + rb")|([\[{]))")
ITEMS = re.compile(SPACE + rb"(?:(" + _several(VALUE) + rb")|([\[{]))")
MEMBER = STRING + COLON
MEMBERS = re.compile(SPACE + rb"(?:(" + _several(MEMBER + VALUE) + rb")|" + MEMBER + rb"([\[{]))")
AFTER = re.compile(SPACE + rb"([,\]}])")
END = re.compile(SPACE + rb"\Z")
INSIDE = {ord("["): ITEMS, ord("{"): MEMBERS}
CLOSED_BY = {b"]": b"[", b"}": b"{"}


def is_json(data: Data | bytes) -> bool:
    """Return whether `data` is one JSON value, at most MAX_DEPTH deep and of at most MAX_STEPS steps."""
    open_brackets = bytearray()
    place, position = WHOLE, 0
    for _ in range(MAX_STEPS):
        match = place.match(data, position)
        if match is None or len(open_brackets) > MAX_DEPTH:
            return False
        position = match.end()
        if place is AFTER:
            mark = match[1]
            if mark == b",":
                place = INSIDE[open_brackets[-1]]
                continue
            if open_brackets[-1:] != CLOSED_BY[mark]:
                return False
            del open_brackets[-1]
        elif bracket := match[2]:
            open_brackets += bracket
            place = INSIDE[bracket[0]]
            continue
        if not open_brackets:
            return END.match(data, position) is not None
        place = AFTER
    return False

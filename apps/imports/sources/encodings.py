"""The character set of a file: named by its mark, UTF-8 as can be seen, chosen, or guessed (contract IM7)."""

from __future__ import annotations

import codecs
import re
from collections.abc import Mapping
from dataclasses import dataclass

import chardet

UTF8 = "utf-8"
WESTERN = "windows-1252"  # what a guess that is as good as another one falls to
# Names of the IANA, each with Python's codec; what a file can be read as
ENCODINGS: Mapping[str, str] = {
    UTF8: "utf-8",
    "utf-16le": "utf-16-le",
    "utf-16be": "utf-16-be",
    "utf-32le": "utf-32-le",
    "utf-32be": "utf-32-be",
    WESTERN: "cp1252",
    "macintosh": "mac-roman",
    "ibm850": "cp850",
    "windows-1250": "cp1250",
    "iso-8859-2": "iso8859-2",
    "windows-1251": "cp1251",
    "koi8-r": "koi8-r",
    "ibm866": "cp866",
    "windows-1253": "cp1253",
    "windows-1254": "cp1254",
    "windows-1255": "cp1255",
    "windows-1256": "cp1256",
    "windows-1257": "cp1257",
    "windows-874": "cp874",
    "shift_jis": "cp932",
    "euc-jp": "euc_jis_2004",
    "iso-2022-jp": "iso2022_jp_2",
    "gb18030": "gb18030",
    "big5": "big5hkscs",
    "euc-kr": "cp949",
}
MARKS = (
    (codecs.BOM_UTF8, UTF8),
    (codecs.BOM_UTF32_LE, "utf-32le"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32be"),
    (codecs.BOM_UTF16_LE, "utf-16le"),
    (codecs.BOM_UTF16_BE, "utf-16be"),
)
NAMES = {codecs.lookup(codec).name: name for name, codec in ENCODINGS.items()}
CANDIDATES = [codec for name, codec in ENCODINGS.items() if not name.startswith("utf-")]
WORD = re.compile(rb"[A-Za-z\x80-\xff][\x80-\xff]|[\x80-\xff][A-Za-z]|\x1b\$")
SIGNS = re.compile(rb"[\x80-\xff]|\x1b\$")
SHIFT = b"\x1b$"  # ISO-2022-JP has no bytes above 127: it says where Japanese begins
WINDOW = 64 * 1024  # bytes that a guess looks at
CONTEXT = 4_096  # bytes in front of what is not ASCII: a text in a language with few accents tells by their rarity
SLIPS = 20  # characters of UTF-8 to one that is broken: then it is UTF-8 with a slip


@dataclass(frozen=True)
class Decoded:
    """The text of a file, the character set it was read in, and how many bytes or characters had no meaning in it."""

    text: str
    encoding: str
    broken: int = 0


def decode(data: bytes, encoding: str = "") -> Decoded:
    """Return the text of a file in this character set, one of ENCODINGS, or in the one that it seems to have."""
    name = encoding or _told(data) or guessed(data)
    mark = next((mark for mark, of in MARKS if of == name and data.startswith(mark)), b"")
    body = data[len(mark) :]
    try:
        return Decoded(body.decode(ENCODINGS[name]), name)
    except UnicodeDecodeError:
        if not encoding and name == WESTERN:  # five bytes mean nothing there
            return Decoded(body.decode("latin-1"), name)
        text = body.decode(ENCODINGS[name], "replace")
        return Decoded(text, name, text.count("\ufffd"))


def marked(data: bytes) -> str:
    """Return the character set that the mark of a file names, an empty text without one."""
    return next((name for mark, name in MARKS if data.startswith(mark)), "")


def guessed(data: bytes) -> str:
    """Return the character set in which a file that is not UTF-8 reads most like a language."""
    piece = telling_part(data)
    if not WORD.search(piece):  # characters that stand alone read like every language
        return WESTERN
    found = chardet.detect_all(
        piece, include_encodings=CANDIDATES, compat_names=False, max_bytes=WINDOW, ignore_threshold=True
    )
    best: dict[str, float] = {}
    for each in found:
        if name := NAMES.get(codecs.lookup(each["encoding"]).name if each["encoding"] else ""):
            best.setdefault(name, each["confidence"])
    return max(best, key=lambda name: (best[name], name == WESTERN), default=WESTERN)


def telling_part(data: bytes, *, size: int = WINDOW, before: int = CONTEXT) -> bytes:
    """Return of a file what is not ASCII, with the lines around it and `before` bytes in front, up to `size` bytes."""
    first = _first(data, 0)
    parts = [data[max(first - before, 0) : first]]
    size -= len(parts[0])
    while size > 0 and first < len(data):
        end = data.find(b"\n", first) + 1 or len(data)
        parts.append(data[first:end][:size])
        size -= len(parts[-1])
        first = _first(data, end)
        first = max(data.rfind(b"\n", end, first) + 1, first - before, end)
    return b"".join(parts)


def _first(data: bytes, at: int) -> int:
    """Return where the first byte behind `at` stands that is no ASCII, or says that Japanese begins; else the end."""
    found = SIGNS.search(data, at)
    return found.start() if found else len(data)


def _told(data: bytes) -> str:
    """Return the character set of a file that says so itself; an empty text where it has to be guessed."""
    if name := marked(data):
        return name
    if data.isascii():
        return UTF8 if SHIFT not in data else ""
    text = data.decode("utf-8", "replace")
    broken = text.count("\ufffd")
    if not broken:
        return UTF8
    others = len(text) - len(data.translate(None, bytes(range(128, 256)))) - broken
    return UTF8 if others >= SLIPS * broken else ""

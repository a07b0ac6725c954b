"""What the looks at a file's structure have in common."""

from __future__ import annotations

import mmap
import re

Data = mmap.mmap

WINDOW = 1_445  # bytes that a browser looks at to guess a type: WHATWG MIME Sniffing, "read the resource header"
ZIP_END = b"PK\x05\x06"
ZIP_END_REACH = 65_557  # bytes before the end in which an archive's last record lies: APPNOTE.TXT 4.3.16

MARKUP = re.compile(
    rb"<(?:!doctype\s+html|html|head|body|script|svg|iframe|object|embed)[\s>/]|<\?php\s", re.IGNORECASE
)
# Long enough that ten megabytes of compressed pixels do not contain one by chance.
SCRIPT = re.compile(rb"<(?:script|iframe|!doctype\s+html)[\s>/]|<\?php\s", re.IGNORECASE)


class Refused(Exception):
    """The content is not of the allow-list; the text says why, for people."""


def damaged(kind: str) -> Refused:
    """Return the refusal of a file that begins like `kind` and does not go on like it."""
    return Refused(f"The file begins like {kind} but is not a whole and proper one.")


def refuse_second_nature(data: Data) -> None:
    """Raise Refused for a file that is also an archive, a page or a script (a polyglot)."""
    if data.rfind(ZIP_END, max(0, len(data) - ZIP_END_REACH)) >= 0:
        raise Refused("The file is an archive as well.")
    if MARKUP.search(data[:WINDOW]) or MARKUP.search(data[-WINDOW:]):
        raise Refused("The file contains HTML or a script.")

"""From bytes to text: UTF-8, UTF-16 and UTF-32 with a byte order mark, or Windows-1252 (contract IM7)."""

from __future__ import annotations

import codecs
import re

from apps.common.errors import ValidationError

MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
PLAIN = "\t\n\r\f"
BROKEN = re.compile("[\0\ud800-\udfff]")  # what PostgreSQL cannot store: NUL, and halves of characters
MAX_CONTROLS = 0.01  # of the characters; more is no text


def unsupported(detail: str) -> ValidationError:
    """Return the answer to a file that cannot be read."""
    return ValidationError.at("/file", "unsupported_file", detail)


def too_many(most: int) -> ValidationError:
    """Return the answer to a file with more than `most` tasks."""
    return ValidationError.at("/file", "too_many", f"At most {most} tasks are imported at once.")


def decoded(data: bytes) -> str:
    """Return the text of a file; ValidationError `unsupported_file` at /file for what is none."""
    for mark, encoding in MARKS:
        if data.startswith(mark):
            try:
                return data[len(mark) :].decode(encoding).replace("\0", "")
            except UnicodeDecodeError:
                raise unsupported("The file is not the text that its byte order mark announces.") from None
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        text = _eight_bit(data)
    sample = text[:100_000]
    controls = sum(character < " " and character not in PLAIN for character in sample)
    if controls > MAX_CONTROLS * max(len(sample), 100):
        raise unsupported("The file is no text.")
    return text.replace("\0", "")


def beginning(data: bytes, *, size: int = 65_536) -> str:
    """Return the text of the first `size` bytes of a file, as far as they are any; raises nothing."""
    for mark, encoding in MARKS:
        if data.startswith(mark):
            return data[len(mark) : size].decode(encoding, "ignore")
    return data[:size].decode("utf-8", "replace")


def clean(text: str) -> str:
    """Return a text without what cannot be stored: NUL, and halves of characters; line ends are one character."""
    return BROKEN.sub("", text).replace("\r\n", "\n").replace("\r", "\n")


def _eight_bit(data: bytes) -> str:
    try:
        return data.decode("cp1252")
    except UnicodeDecodeError:
        return data.decode("latin-1")

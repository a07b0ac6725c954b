"""What of a file is text, and what of a text can be stored (contract IM7)."""

from __future__ import annotations

import re
from dataclasses import dataclass

from apps.common.errors import ValidationError
from apps.imports.sources.encodings import ENCODINGS, UTF8, Decoded, decode, marked, telling_part

PLAIN = "\t\n\r\f"
BROKEN = re.compile("[\0\ud800-\udfff]")  # what PostgreSQL cannot store: NUL, and halves of characters
SAMPLE = 90  # bytes
MAX_CONTROLS = 0.01  # of the characters; more is no text


def unsupported(detail: str) -> ValidationError:
    """Return the answer to a file that cannot be read."""
    return ValidationError.at("/file", "unsupported_file", detail)


def too_many(most: int) -> ValidationError:
    """Return the answer to a file with more than `most` tasks."""
    return ValidationError.at("/file", "too_many", f"At most {most} tasks are imported at once.")


@dataclass(frozen=True)
class File:
    """A file as the sources read it: a text in UTF-8 without a mark, or an archive, whose `encoding` is None.

    `sample` has bytes of the text as it came, where its character set was guessed or chosen.
    """

    data: bytes
    encoding: str | None = None
    sample: bytes = b""
    warnings: tuple[str, ...] = ()


def in_utf8(data: bytes, encoding: str = "") -> File:
    """Return a text file in UTF-8, read in this character set, or in the one that it seems to have.

    ValidationError `unsupported_file` at /file for what is no text.
    """
    found = _text_of(data, encoding)
    mark = marked(data)
    is_plain = found.encoding == UTF8 and not found.broken
    says_itself = is_plain or mark == found.encoding
    same = is_plain and not mark and b"\0" not in data
    return File(
        data=data if same else found.text.encode(),
        encoding=found.encoding,
        sample=b"" if says_itself else telling_part(data, size=SAMPLE, before=SAMPLE // 3),
        warnings=(f"{found.broken} characters cannot be read as {found.encoding}.",) if found.broken else (),
    )


def decoded(data: bytes) -> str:
    """Return the text of a file; ValidationError `unsupported_file` at /file for what is none."""
    return _text_of(data, "").text


def beginning(data: bytes, *, size: int = 65_536) -> str:
    """Return the text of the first `size` bytes of a file, as far as they are any; raises nothing."""
    return data[:size].decode(ENCODINGS[marked(data) or UTF8], "replace").removeprefix("\ufeff")


def _text_of(data: bytes, encoding: str) -> Decoded:
    found = decode(data, encoding)
    if marked(data) == found.encoding and found.broken:
        raise unsupported("The file is not the text that its byte order mark announces.")
    sample = found.text[:100_000]
    controls = sum(character < " " and character not in PLAIN for character in sample)
    if controls > MAX_CONTROLS * max(len(sample), 100) and not marked(data):
        raise unsupported("The file is not text.")
    return Decoded(found.text.replace("\0", ""), found.encoding, found.broken)


def clean(text: str) -> str:
    """Return a text without what cannot be stored: NUL, and halves of characters; line ends are one character."""
    return BROKEN.sub("", text).replace("\r\n", "\n").replace("\r", "\n")

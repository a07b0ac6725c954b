"""The text of a token: `thp_<id>_<43 base 62 characters><6 base 62 characters: CRC-32 of all before>` (contract TK5).

43 characters are 256 bits of chance. The checksum makes a wrong character known without a query, and lets scanners of
leaked secrets recognise a token for certain.
"""

from __future__ import annotations

import hashlib
import re
import secrets
import string
import zlib
from typing import NamedTuple

PREFIX = "thp_"
ALPHABET = string.digits + string.ascii_uppercase + string.ascii_lowercase
CHARACTERS, CHECKED = 43, 6
FORM = re.compile(rb"thp_([1-9][0-9]{0,17})_[0-9A-Za-z]{49}", re.ASCII)


class Reading(NamedTuple):
    """What a well-formed token says: the id of its row and the digest that the row must have."""

    token_id: int
    digest: bytes


def make(token_id: int) -> str:
    """Return a new text for the token with this id."""
    text = f"{PREFIX}{token_id}_{''.join(secrets.choice(ALPHABET) for _ in range(CHARACTERS))}"
    return text + checksum(text.encode())


def read(text: bytes) -> Reading | None:
    """Return what a token says; None for another form or a wrong checksum."""
    form = FORM.fullmatch(text)
    if form is None or checksum(text[:-CHECKED]).encode() != text[-CHECKED:]:
        return None
    return Reading(int(form[1]), digest(text))


def digest(text: bytes) -> bytes:
    """Return the SHA-256, which is all that is stored: nobody guesses 256 bits, so a slow hash would add nothing."""
    return hashlib.sha256(text).digest()


def checksum(text: bytes) -> str:
    """Return the CRC-32 (zlib) in base 62, most significant digit first, padded to six digits."""
    number, found = zlib.crc32(text), ""
    for _ in range(CHECKED):
        number, remainder = divmod(number, len(ALPHABET))
        found = ALPHABET[remainder] + found
    return found

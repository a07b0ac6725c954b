"""The heads of the parts of a multipart body (RFC 7578 §4.2): Django leaves out a part whose head it cannot read."""

from __future__ import annotations

import re
from urllib.parse import unquote_to_bytes

from rest_framework.exceptions import ParseError

END = b"\r\n\r\n"
DISPOSITION = re.compile(rb"content-disposition:", re.IGNORECASE)
NAME = re.compile(r";\s*name\*?\s*=", re.IGNORECASE)
ENCODED = re.compile(r";\s*(?:file)?name\*\s*=\s*\"?([\w.:-]+)'[^']*'([^\s;\"]*)", re.IGNORECASE)  # RFC 5987 §3.2.1
TRANSFER = re.compile(rb"^content-transfer-encoding:[ \t]*([^\r\n;]*?)[ \t]*(?:;|\r|$)", re.IGNORECASE | re.MULTILINE)
TRANSFERS = {b"7bit", b"8bit", b"binary", b"base64"}  # what leaves the bytes as they are, and what Django decodes


class PartHeads:
    """Checks the heads in a body that passes chunk by chunk. `longest` is how many bytes a head may have."""

    def __init__(self, boundary: str, *, longest: int) -> None:
        self._delimiter, self._longest = b"--" + boundary.encode(errors="replace"), longest
        self._rest = b""  # what came and may be the beginning of a delimiter or of a head
        self._in_head = False

    def feed(self, chunk: bytes) -> None:
        """Take the next bytes of the body. Raises ParseError for a part that would be left out."""
        self._rest += chunk
        while self._pass_head() if self._in_head else self._pass_delimiter():
            pass

    def _pass_delimiter(self) -> bool:
        """Return whether there was one, with more bytes to look at behind it."""
        _, found, behind = self._rest.partition(self._delimiter)
        self._rest = behind if found else self._rest[1 - len(self._delimiter) :]
        self._in_head = bool(found)
        return self._in_head

    def _pass_head(self) -> bool:
        if self._rest in {b"", b"-"}:
            return False
        if self._rest.startswith(b"--"):  # that was the last delimiter
            self._in_head = False
            return True
        head, found, content = self._rest.partition(END)
        if len(head) > self._longest:
            raise ParseError(f"The head of a part is longer than {self._longest} bytes.")
        if found:
            _check(head)
            self._rest, self._in_head = END + content, False
        return bool(found)


def _check(head: bytes) -> None:
    try:
        lines = [line.decode() for line in head.split(b"\r\n") if DISPOSITION.match(line)]
    except UnicodeDecodeError:
        raise ParseError("The Content-Disposition of a part is not UTF-8, in which all names are sent.") from None
    if not lines:
        raise ParseError("A part of the body has no Content-Disposition.")
    for line in lines:
        if not NAME.search(line):
            raise ParseError("A part of the body has no name in its Content-Disposition.")
        for charset, value in ENCODED.findall(line):
            _check_encoded(charset, value)
    for encoding in TRANSFER.findall(head):
        if encoding.lower() not in TRANSFERS:
            raise ParseError("The Content-Transfer-Encoding of a part is none that is taken here; leave it out.")


def _check_encoded(charset: str, value: str) -> None:
    try:
        unquote_to_bytes(value).decode(charset).encode()
    except (UnicodeError, LookupError):
        raise ParseError("A name in a Content-Disposition is not in the character set that it gives.") from None

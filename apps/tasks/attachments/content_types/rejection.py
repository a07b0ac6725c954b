"""What must be rejected whatever the file begins with: pages, scripts, programs, two natures in one file."""

from __future__ import annotations

import mmap
import re
import struct

Data = mmap.mmap | bytes

WINDOW = 1_445  # bytes that a browser looks at to guess a type: WHATWG MIME Sniffing, "read the resource header"
ZIP_END = struct.Struct("<4s4H2LH")  # APPNOTE.TXT 4.3.16; the last field is the length of the comment behind it
ZIP_END_REACH = ZIP_END.size + 0xFFFF  # bytes before the end in which it lies

PAGE = re.compile(rb"<(?:!doctype\s+html|html|head|body|script|svg|iframe|object|embed)[\s>/]|<\?php\s", re.IGNORECASE)
# Long enough that ten megabytes of compressed pixels do not contain one by chance.
EMBEDDED = re.compile(
    rb"<(?:script|iframe|!doctype\s+html)[\s>/]|<\?php\s"
    rb"|Rar!\x1a\x07|7z\xbc\xaf\x27\x1c|\x7fELF[\x01\x02][\x01\x02]\x01|This program cannot be run in DOS mode",
    re.IGNORECASE,
)
PROGRAM = re.compile(
    rb"MZ|\x7fELF|#!|dex\n|\x00asm|\xca\xfe\xba\xbe|\xfe\xed\xfa[\xce\xcf]|[\xce\xcf]\xfa\xed\xfe|L\x00\x00\x00\x01\x14\x02"
)
# Images whose first bytes are a name in JavaScript and whose size opens a comment or an assignment behind it.
SCRIPT_AFTER_MAGIC = re.compile(rb"GIF8[79]a(?:/[*/]|[=;][ -~])|RIFF/\*|\xff\xd8\xff[^\xe1]/\*")
TEXT_AT_THE_END = re.compile(rb"[\t\r\n -~]+\Z")


class Rejected(Exception):
    """The content is not accepted; the text says why, for people."""

    def __init__(self, message: str, *, code: str = "type_not_allowed") -> None:
        super().__init__(message)
        self.code = code


def damaged(kind: str) -> Rejected:
    """Return the rejection of a file that begins like `kind` and that no reader opens."""
    return Rejected(f"The file begins like {kind} but is damaged.")


def ends_with_archive(data: Data, *, slack: int) -> bool:
    """Return whether a ZIP archive lies at the end of `data`, with at most `slack` other bytes behind it."""
    position = len(data)
    while (position := data.rfind(b"PK\x05\x06", max(0, len(data) - ZIP_END_REACH - slack), position)) >= 0:
        if position + ZIP_END.size <= len(data):
            comment = ZIP_END.unpack_from(data, position)[-1]
            if 0 <= len(data) - position - ZIP_END.size - comment <= slack:
                return True
    return False


def reject_second_nature(data: Data) -> None:
    """Raise Rejected for an image that is also an archive, a document, a page, a script or a program."""
    if ends_with_archive(data, slack=ZIP_END_REACH):
        raise Rejected("The image is an archive as well.")
    if b"%PDF-" in data[:1_024]:
        raise Rejected("The image is a PDF as well.")
    end = TEXT_AT_THE_END.search(data[-WINDOW:])
    if (
        PAGE.search(data[:WINDOW])
        or PAGE.search(data[-WINDOW:])
        or EMBEDDED.search(data)
        or SCRIPT_AFTER_MAGIC.match(data)
        or (end and b"*/" in end[0])
    ):
        raise Rejected("The image contains a page, a script, a program or an archive.")

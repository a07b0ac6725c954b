"""What nothing else recognises, by the signatures that `puremagic` knows: 7z is accepted, all the rest only named."""

from __future__ import annotations

import zlib

import puremagic

from apps.tasks.attachments.content_types.rejection import PROGRAM, Data, Rejected, damaged, ends_with_archive

SEVEN_ZIP = "application/x-7z-compressed"
HEAD = 4_096  # bytes; the farthest signature lies before
START_HEADER = slice(12, 32)  # of 7z, whose CRC-32 stands before it: 7zFormat.txt, "Start header"


def other_type(data: Data) -> str:
    """Return 7z's type. Raises Rejected for everything else, with the name of what it looks like."""
    if PROGRAM.match(data):
        raise Rejected("The content is a program.")
    try:
        matches = puremagic.magic_string(data[:HEAD])  # signatures alone: without a file name nothing is unpacked
    except puremagic.PureError:  # version 1, the last for Python 3.11
        matches = []
    if any(match.mime_type == SEVEN_ZIP for match in matches):
        return _seven_zip(data)
    name = next((match.name for match in matches if match.mime_type), "")
    raise Rejected("The content is none of the types that are accepted." + (f" It looks like: {name}." if name else ""))


def _seven_zip(data: Data) -> str:
    if len(data) < START_HEADER.stop or zlib.crc32(data[START_HEADER]) != int.from_bytes(data[8:12], "little"):
        raise damaged("a 7z archive")
    if ends_with_archive(data, slack=0):
        raise Rejected("The file is two archives in one.")
    return SEVEN_ZIP

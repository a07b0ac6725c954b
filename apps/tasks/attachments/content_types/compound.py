"""The containers of old office files (OLE, [MS-CFB]), distinguished by the streams at their top."""

from __future__ import annotations

import struct
from typing import IO

import olefile

from apps.tasks.attachments.content_types.rejection import Data, Rejected, damaged

DOC, XLS, PPT = "application/msword", "application/vnd.ms-excel", "application/vnd.ms-powerpoint"
MSG = "application/vnd.ms-outlook"
ENCRYPTED = "application/x-ole-storage"  # an Office Open XML file with a password: which one cannot be seen
STREAMS = {
    "WordDocument": DOC,
    "Workbook": XLS,
    "Book": XLS,  # Excel 5 and 95
    "PowerPoint Document": PPT,
    "__properties_version1.0": MSG,
    "EncryptedPackage": ENCRYPTED,
}
MACROS = "_VBA_PROJECT"
# What olefile raises on broken files; its own error is an OSError.
UNREADABLE = (OSError, ValueError, LookupError, TypeError, ArithmeticError, MemoryError, RecursionError, struct.error)


def compound_type(file: IO[bytes], data: Data) -> str | None:
    """Return the type of an office file in an OLE container, None for what is no such container.

    Raises Rejected for other contents (installers are of this kind too), macros and broken files.
    """
    if data[: len(olefile.MAGIC)] != olefile.MAGIC:
        return None
    try:
        with olefile.OleFileIO(file) as container:
            paths = container.listdir(streams=True, storages=True)
    except UNREADABLE:
        raise damaged("an office file") from None
    if any(path[-1].upper() == MACROS for path in paths):
        raise Rejected("The document contains macros.")
    top = {path[0] for path in paths}
    for stream, media_type in STREAMS.items():
        if stream in top:
            return media_type
    raise Rejected("Of the OLE containers only Word, Excel, PowerPoint and Outlook files are accepted.")

"""ZIP and the office formats inside ZIP: what `zipfile` reads, distinguished by the list of entries.

Nothing is unpacked but the first bytes of the entries in which an office file says what it is.
"""

from __future__ import annotations

import io
import re
import struct
import zipfile
import zlib
from lzma import LZMAError
from typing import IO

from apps.tasks.attachments.content_types.rejection import PAGE, ZIP_END, ZIP_END_REACH, Data, Rejected, damaged

ZIP = "application/zip"
_ODF = "application/vnd.oasis.opendocument."
_OOXML = "application/vnd.openxmlformats-officedocument."

# ODF 1.3 part 3, appendix C
OPEN_DOCUMENT = {
    ".odt": _ODF + "text",
    ".ott": _ODF + "text-template",
    ".odm": _ODF + "text-master",
    ".ods": _ODF + "spreadsheet",
    ".ots": _ODF + "spreadsheet-template",
    ".odp": _ODF + "presentation",
    ".otp": _ODF + "presentation-template",
    ".odg": _ODF + "graphics",
    ".otg": _ODF + "graphics-template",
    ".odf": _ODF + "formula",
    ".odc": _ODF + "chart",
    ".odi": _ODF + "image",
}
# ECMA-376 part 1, §11.3 to §13.3; the variants with macros are Microsoft's own and left out on purpose
OPEN_XML = {
    ".docx": _OOXML + "wordprocessingml.document",
    ".dotx": _OOXML + "wordprocessingml.template",
    ".xlsx": _OOXML + "spreadsheetml.sheet",
    ".xltx": _OOXML + "spreadsheetml.template",
    ".pptx": _OOXML + "presentationml.presentation",
    ".ppsx": _OOXML + "presentationml.slideshow",
    ".potx": _OOXML + "presentationml.template",
}
# First bytes: an entry, nothing but an end (also ZIP64's), and the marks of an archive once meant for several disks
STARTS = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x06\x06", b"PK\x07\x08PK\x03\x04", b"PK00PK\x03\x04")
DIRECTORY = 6_291_456  # bytes: over 50,000 entries of ten megabytes, and some 100 MB of memory for a moment
TYPES = "[Content_Types].xml"
INFLATED = 1_048_576  # bytes of one entry
# Java, Android, Windows and editor packages
PROGRAMS = {"META-INF/MANIFEST.MF", "AndroidManifest.xml", "classes.dex", "AppxManifest.xml", "extension.vsixmanifest"}
ODF_MACRO = re.compile(r"Basic/.+/(?!script-lb\.xml$|dialog-lb\.xml$)[^/]+\.xml$|Scripts/.*[^/]$")
OOXML_MACRO = re.compile(r"(.*/)?vbaproject\.bin$|xl/macrosheets/", re.IGNORECASE)
ODF_ROOT = re.compile(rb"<(?:\w+:)?file-entry\b(?=[^>]*full-path=\"/\")[^>]*media-type=\"([^\"]{1,200})\"")
# What `zipfile` raises on broken archives, and on those that it cannot read
BROKEN = (zipfile.BadZipFile, zlib.error, LZMAError, struct.error, EOFError)
UNREADABLE = (*BROKEN, OSError, ValueError, LookupError, ArithmeticError, RuntimeError)


class _BoundedFile(io.FileIO):
    """A file of which no more than a directory's worth is read at once."""

    def read(self, size: int | None = -1) -> bytes:
        if size is not None and size > DIRECTORY:
            raise Rejected("The archive has more entries than are looked through.")
        return super().read(-1 if size is None else size) or b""


def archive_type(file: IO[bytes], data: Data) -> str | None:
    """Return the type of a ZIP archive or of the office format that it is, None for what is no archive.

    Raises Rejected for programs, macros, a page behind the archive, and what `zipfile` cannot read.
    """
    if not data[:8].startswith(STARTS):
        return None
    behind = data.rfind(b"PK\x05\x06", max(0, len(data) - ZIP_END_REACH)) + ZIP_END.size
    if PAGE.search(data[behind:]):
        raise Rejected("The file is a page as well as an archive.")
    try:
        with zipfile.ZipFile(_BoundedFile(file.fileno(), closefd=False)) as archive:
            entries = archive.infolist()
            first = min((entry.header_offset for entry in entries), default=0)
            if entries and (first < 0 or data[first : first + 4] != STARTS[0]):
                raise damaged("a ZIP archive")
            return _kind(archive, {entry.filename for entry in entries})
    except UNREADABLE:
        raise damaged("a ZIP archive") from None


def _kind(archive: zipfile.ZipFile, names: set[str]) -> str:
    if PROGRAMS & names:
        raise Rejected("The archive is a program.")
    open_document, open_xml = _open_document(archive, names), _open_xml(archive, names)
    if open_document and TYPES in names:
        raise Rejected("The archive claims to be of two formats.")
    if (open_document and any(map(ODF_MACRO.match, names))) or any(map(OOXML_MACRO.match, names)):
        raise Rejected("The document contains macros.")
    return open_document or open_xml or ZIP


def _open_document(archive: zipfile.ZipFile, names: set[str]) -> str | None:
    """Return the type that an entry `mimetype` or the manifest declares (ODF 1.3 part 2, §3.3 and §3.2)."""
    if "mimetype" in names:
        declared = _beginning(archive, "mimetype", 200).strip()
    elif "META-INF/manifest.xml" in names:
        root = ODF_ROOT.search(_beginning(archive, "META-INF/manifest.xml", INFLATED))
        declared = root[1] if root else b""
    else:
        return None
    media_type = declared.decode("ascii", "replace")
    return media_type if media_type in OPEN_DOCUMENT.values() else None


def _open_xml(archive: zipfile.ZipFile, names: set[str]) -> str | None:
    """Return the type of the main part in the list of types (ECMA-376 part 2, §7.2.3)."""
    if TYPES not in names:
        return None
    types = _beginning(archive, TYPES, INFLATED).replace(b"\x00", b"")  # it may be UTF-16
    if b"macroenabled.main+xml" in types.lower() or b"macroenabledtemplate.main+xml" in types.lower():
        raise Rejected("The document contains macros.")
    return next((kind for kind in OPEN_XML.values() if f"{kind}.main+xml".encode() in types), None)


def _beginning(archive: zipfile.ZipFile, name: str, size: int) -> bytes:
    with archive.open(name) as entry:
        return entry.read(size)

"""ZIP and the office formats inside ZIP: told apart by the list of entries, without unpacking.

One entry is ever looked into, the list of types of an Office Open XML file, and no more than
INFLATED bytes of it, whatever it claims.
"""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass

from apps.tasks.attachments.content_types.refusal import ZIP_END, ZIP_END_REACH, Data, Refused, damaged

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
# ECMA-376 part 1, §11.3 to §13.3; the variants with macros are left out on purpose
OPEN_XML = {
    ".docx": _OOXML + "wordprocessingml.document",
    ".dotx": _OOXML + "wordprocessingml.template",
    ".xlsx": _OOXML + "spreadsheetml.sheet",
    ".xltx": _OOXML + "spreadsheetml.template",
    ".pptx": _OOXML + "presentationml.presentation",
    ".ppsx": _OOXML + "presentationml.slideshow",
    ".potx": _OOXML + "presentationml.template",
}
TYPES_ENTRY = b"[Content_Types].xml"
INFLATED = 262_144  # bytes
END = struct.Struct("<4s4H2LH")  # APPNOTE.TXT 4.3.16
ENTRY = struct.Struct("<4s6H3L5H2L")  # APPNOTE.TXT 4.3.12
LOCAL = struct.Struct("<4s5H3L2H")  # APPNOTE.TXT 4.3.7
STORED, DEFLATED = 0, 8
PROGRAMS = {b"META-INF/MANIFEST.MF", b"AndroidManifest.xml", b"classes.dex"}  # Java and Android
MACROS = (b"Basic/", b"Scripts/")  # OpenDocument


@dataclass(frozen=True)
class Entry:
    """One line of an archive's directory."""

    method: int
    packed: int
    offset: int


def zipped(data: Data) -> str:
    """Return the type of a ZIP archive or of the office format that it is."""
    entries = _directory(data)
    if PROGRAMS & entries.keys():
        raise Refused("The archive is a program.")
    declared = _declared_type(data)
    if declared and TYPES_ENTRY in entries:
        raise Refused("The archive claims to be of two formats.")
    if declared:
        return _open_document(declared, entries)
    if TYPES_ENTRY in entries:
        return _open_xml(_inflate(data, entries[TYPES_ENTRY]), entries)
    return ZIP


def _directory(data: Data) -> dict[bytes, Entry]:
    """Return the entries by name; Refused unless the archive begins and ends with the file."""
    position, start, count = _end_record(data)
    entries: dict[bytes, Entry] = {}
    at = start
    for _ in range(count):
        if at + ENTRY.size > position:
            raise damaged("a ZIP archive")
        fields = ENTRY.unpack_from(data, at)
        if fields[0] != b"PK\x01\x02":
            raise damaged("a ZIP archive")
        name_length, extra_length, comment_length = fields[10:13]
        name = data[at + ENTRY.size : at + ENTRY.size + name_length]
        entries[name] = Entry(method=fields[4], packed=fields[8], offset=fields[16])
        at += ENTRY.size + name_length + extra_length + comment_length
    if at != position:
        raise damaged("a ZIP archive")
    return entries


def _end_record(data: Data) -> tuple[int, int, int]:
    """Return the place of the last record, the start of the directory and the number of entries."""
    position = len(data)
    while (position := data.rfind(ZIP_END, max(0, len(data) - ZIP_END_REACH), position)) >= 0:
        if position + END.size > len(data):
            continue
        _, disk, first_disk, here, count, size, start, comment = END.unpack_from(data, position)
        if position + END.size + comment != len(data):
            continue
        if disk or first_disk or here != count or start + size != position:
            break
        return position, start, count
    raise damaged("a ZIP archive")


def _declared_type(data: Data) -> str:
    """Return what a first, stored entry `mimetype` says (ODF 1.3 part 2, §3.3), or an empty string."""
    if len(data) < LOCAL.size:
        return ""
    fields = LOCAL.unpack_from(data)
    name_length, extra_length, size = fields[9], fields[10], fields[7]
    if data[LOCAL.size : LOCAL.size + name_length] != b"mimetype" or fields[3] != STORED:
        return ""
    start = LOCAL.size + name_length + extra_length
    return data[start : start + min(size, 200)].decode("ascii", "replace").strip()


def _open_document(declared: str, entries: dict[bytes, Entry]) -> str:
    if declared not in OPEN_DOCUMENT.values():
        raise Refused(f"An archive of type {declared[:100]} is not taken.")
    if any(name.startswith(MACROS) for name in entries):
        raise Refused("The document contains macros.")
    return declared


def _open_xml(types: bytes, entries: dict[bytes, Entry]) -> str:
    if b"macroenabled" in types.lower() or any(name.lower().endswith(b"vbaproject.bin") for name in entries):
        raise Refused("The document contains macros.")
    for media_type in OPEN_XML.values():
        if f"{media_type}.main+xml".encode() in types:
            return media_type
    raise Refused("Of the Office Open XML formats only documents, spreadsheets and presentations are taken.")


def _inflate(data: Data, entry: Entry) -> bytes:
    """Return the first INFLATED bytes of an entry."""
    if entry.offset + LOCAL.size > len(data) or data[entry.offset : entry.offset + 4] != b"PK\x03\x04":
        raise damaged("a ZIP archive")
    fields = LOCAL.unpack_from(data, entry.offset)
    start = entry.offset + LOCAL.size + fields[9] + fields[10]
    if entry.method == STORED:
        return data[start : start + min(entry.packed, INFLATED)]
    if entry.method != DEFLATED:
        raise damaged("a ZIP archive")
    try:
        return zlib.decompressobj(-zlib.MAX_WBITS).decompress(data[start : start + entry.packed], INFLATED)
    except zlib.error:
        raise damaged("a ZIP archive") from None

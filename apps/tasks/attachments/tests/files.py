"""Small real files of each type that is taken, and of many that are not."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from pathlib import Path
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from apps.tasks.attachments.content_types.archives import OPEN_DOCUMENT, OPEN_XML

TEXT = b"Remember the milk.\n"
PDF = (
    b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj\n"
    b"xref\n0 3\ntrailer<</Size 3/Root 1 0 R>>\nstartxref\n0\n%%EOF\n"
)


def image(kind: str, size: tuple[int, int] = (4, 3)) -> bytes:
    """Return an image as Pillow writes it: PNG, JPEG, GIF or WEBP."""
    buffer = io.BytesIO()
    Image.new("RGB", size, (200, 30, 30)).save(buffer, kind)
    return buffer.getvalue()


def heic(brand: bytes = b"heic", size: tuple[int, int] = (4, 3), more: bytes = b"") -> bytes:
    """Return a HEIC of the boxes that say what it is, and some bytes for pixels."""

    def box(kind: bytes, *parts: bytes) -> bytes:
        content = b"".join(parts)
        return struct.pack(">L4s", 8 + len(content), kind) + content

    sizes = box(b"iprp", box(b"ipco", box(b"ispe", bytes(4), struct.pack(">2L", *size))))
    handler = box(b"hdlr", bytes(8), b"pict", bytes(13))
    meta = box(b"meta", bytes(4), handler, box(b"pitm", bytes(4), b"\x00\x01"), sizes)
    return box(b"ftyp", brand, bytes(4), b"mif1heic") + meta + more + box(b"mdat", bytes(range(256)))


def webp(*, lossless: bool = False, mode: str = "RGB") -> bytes:
    """Return a WebP in one of its three layouts."""
    buffer = io.BytesIO()
    picture = Image.new(mode, (4, 3), (200, 30, 30, 100)[: len(mode)])
    picture.save(buffer, "WEBP", lossless=lossless)
    return buffer.getvalue()


def frames(kind: str, count: int = 2) -> bytes:
    """Return several pictures in one file: an animation, or what phones call MPO."""
    buffer = io.BytesIO()
    first, *others = (Image.new("RGB", (4, 3), (0, number * 40, 0)) for number in range(count))
    first.save(buffer, kind, save_all=True, append_images=others)
    return buffer.getvalue()


def png_claiming(width: int, height: int) -> bytes:
    """Return a PNG of a few bytes that says it has this many pixels."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = struct.pack(">2I5B", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")


def zipped(*entries: tuple[str, bytes], method: int = zipfile.ZIP_DEFLATED, comment: bytes = b"") -> bytes:
    """Return a ZIP archive of (name, content) entries."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        for name, content in entries:
            archive.writestr(name, content)
        archive.comment = comment
    return buffer.getvalue()


class Sink(io.RawIOBase):
    """A file that cannot seek, as a network connection: archives are written into it as streams."""

    def __init__(self) -> None:
        self.data = b""

    def writable(self) -> bool:
        return True

    def write(self, piece: Any) -> int:
        self.data += bytes(piece)
        return len(piece)


def streamed(*entries: tuple[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """Return a ZIP archive whose sizes stand behind the data, as Java and Go write it."""
    with zipfile.ZipFile(sink := Sink(), "w", method) as archive:
        for name, content in entries:
            archive.writestr(zipfile.ZipInfo(name), content, method)
    return sink.data


def with_zip64(archive: bytes, *, disks: int = 1, needed: bool = False) -> bytes:
    """Return `archive` with ZIP64 records before its end; `needed` fills the end's own numbers with ones.

    OneDrive writes 0 `disks` where there is one.
    """
    at = archive.rfind(b"PK\x05\x06")
    _, _, _, _, count, size, start, _ = struct.unpack_from("<4s4H2LH", archive, at)
    record = struct.pack("<4sQHHLLQQQQ", b"PK\x06\x06", 44, 45, 45, 0, 0, count, count, size, start)
    locator = struct.pack("<4sLQL", b"PK\x06\x07", 0, at, disks)
    end = archive[at:]
    if needed:
        end = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 0xFFFF, 0xFFFF, 0xFFFFFFFF, 0xFFFFFFFF, 0)
    return archive[:at] + record + locator + end


def compound(*names: str) -> bytes:
    """Return an OLE container ([MS-CFB]) with empty streams of these names at its top.

    They are a list in the directory's tree of siblings, each the right one of the one before.
    """
    none, end = 0xFFFFFFFF, 0xFFFFFFFE
    entries = ["Root Entry", *names]
    sectors = -(-len(entries) // 4)
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16)
    header += struct.pack("<5H6x9L", 0x3E, 3, 0xFFFE, 9, 6, 0, 1, 0, 0, 4096, end, 0, end, 0)
    header += struct.pack("<109L", sectors, *[none] * 108)
    directory = b""
    for number, name in enumerate(entries):
        encoded = name.encode("utf-16-le") + b"\x00\x00"
        kind = 2 if number else 5
        right = number + 1 if 0 < number < len(names) else none
        child = 1 if number == 0 and names else none
        directory += encoded.ljust(64, b"\x00") + struct.pack("<HBB3L", len(encoded), kind, 1, none, right, child)
        directory += bytes(36) + struct.pack("<LQ", end, 0)
    table = [*range(1, sectors), end, 0xFFFFFFFD]
    table += [none] * (128 - len(table))
    return header + directory.ljust(sectors * 512, b"\x00") + struct.pack("<128L", *table)


def seven_zip(body: bytes = b"") -> bytes:
    """Return a 7z archive with nothing in it (7zFormat.txt)."""
    start = bytes(20)
    return b"7z\xbc\xaf\x27\x1c\x00\x04" + struct.pack("<L", zlib.crc32(start)) + start + body


def open_document(ending: str = ".odt", *more: tuple[str, bytes]) -> bytes:
    """Return an OpenDocument file: a stored first entry says what it is."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", OPEN_DOCUMENT.get(ending, ending), zipfile.ZIP_STORED)
        for name, content in (("content.xml", b"<office/>"), ("META-INF/manifest.xml", b"<manifest/>"), *more):
            archive.writestr(name, content)
    return buffer.getvalue()


def open_xml(ending: str = ".docx", *more: tuple[str, bytes], main_type: str = "") -> bytes:
    """Return an Office Open XML file: its list of types says what it is."""
    main = main_type or OPEN_XML[ending] + ".main+xml"
    types = f'<?xml version="1.0"?><Types><Override PartName="/main.xml" ContentType="{main}"/></Types>'
    return zipped(("[Content_Types].xml", types.encode()), ("_rels/.rels", b"<r/>"), ("main.xml", b"<d/>"), *more)


def upload(name: str = "notes.txt", content: bytes = TEXT, content_type: str = "text/plain") -> SimpleUploadedFile:
    """Return what Django's test client sends as a file."""
    return SimpleUploadedFile(name, content, content_type)


def stored(media: Path) -> list[str]:
    """Return every file below the storage's folder."""
    return sorted(str(path.relative_to(media)) for path in media.rglob("*") if path.is_file())

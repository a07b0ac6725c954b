"""Small real files of each type that is taken, and of many that are not."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from pathlib import Path

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


def webp(*, lossless: bool = False, mode: str = "RGB") -> bytes:
    """Return a WebP in one of its three layouts."""
    buffer = io.BytesIO()
    picture = Image.new(mode, (4, 3), (200, 30, 30, 100)[: len(mode)])
    picture.save(buffer, "WEBP", lossless=lossless)
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

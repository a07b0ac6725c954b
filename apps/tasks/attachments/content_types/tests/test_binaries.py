"""Images, PDF, old office files and 7z: what readers open, as long as it is one thing."""

from __future__ import annotations

import io
import struct

import pytest
from PIL import Image

from apps.tasks.attachments.content_types.compound import DOC, ENCRYPTED, MSG, PPT, XLS
from apps.tasks.attachments.content_types.documents import PDF
from apps.tasks.attachments.content_types.heif import HEIC, HEIF
from apps.tasks.attachments.content_types.images import GIF, JPEG, PNG, TIFF, WEBP
from apps.tasks.attachments.content_types.texts import PLAIN
from apps.tasks.attachments.content_types.unknown import SEVEN_ZIP
from apps.tasks.attachments.tests.files import PDF as SOME_PDF
from apps.tasks.attachments.tests.files import compound, frames, heic, image, png_claiming, seven_zip, zipped

NO, NOT = "type_not_allowed", "extension_mismatch"
HTML = b"<html><script>alert(document.domain)</script></html>"
ZIP, EXE = zipped(("a", b"b")), b"MZ\x90\x00\x03\x00\x00\x00" + bytes(56) + b"PE\x00\x00"
SIMPLE = {kind: image(kind) for kind in ("PNG", "JPEG", "GIF", "WEBP", "TIFF")} | {"HEIC": heic()}
TYPES = {"PNG": PNG, "JPEG": JPEG, "GIF": GIF, "WEBP": WEBP, "TIFF": TIFF, "HEIC": HEIC}
PDF_WITH_BYTES = SOME_PDF.replace(b"\n", b"\n%\xe2\xe3\xcf\xd3\x00\n", 1)


def written(mode: str, kind: str, **options: object) -> bytes:
    buffer = io.BytesIO()
    Image.new(mode, (20, 10)).save(buffer, kind, **options)
    return buffer.getvalue()


def gif_polyglot(start: bytes, body: bytes) -> bytes:
    """Return a GIF whose width opens a comment of JavaScript, with a comment block that goes on with it."""
    good = SIMPLE["GIF"]
    comment = b"\x21\xfe" + bytes([len(body)]) + body + b"\x00"
    return good[:6] + start + good[8:-1] + comment + b"\x3b"


ACCEPTED = {
    "animated gif": ("a.gif", frames("GIF"), GIF),
    "animated webp": ("a.webp", frames("WEBP"), WEBP),
    "animated png": ("a.png", frames("PNG"), PNG),
    "jpeg of several pictures": ("a.jpg", frames("MPO"), JPEG),
    "tiff of several pages": ("a.tiff", frames("TIFF"), TIFF),
    "tiff, compressed": ("a.tif", written("1", "TIFF", compression="group4"), TIFF),
    "tiff, big": ("a.tif", written("RGB", "TIFF", big_tiff=True), TIFF),
    "jpeg, progressive": ("a.jpg", written("RGB", "JPEG", progressive=True), JPEG),
    "jpeg in CMYK": ("a.jpg", written("CMYK", "JPEG"), JPEG),
    "jpeg in grey": ("a.jfif", written("L", "JPEG"), JPEG),
    "png with 16 bits": ("a.png", written("I;16", "PNG"), PNG),
    "heic called hif": ("a.HIF", SIMPLE["HEIC"], HEIC),
    "heic called heif": ("a.heif", SIMPLE["HEIC"], HEIC),
    "heic of 200 million pixels": ("a.heic", heic(size=(16_320, 12_240)), HEIC),
    "heic of a burst": ("a.heic", heic(b"hevc"), HEIC),
    "heif with another codec": ("a.heif", heic(b"mif1"), HEIF),
    "heic, cut off": ("a.heic", heic()[:-100], HEIC),
    "jpeg with a clip behind it": ("a.jpg", SIMPLE["JPEG"] + b"\x00\x00\x00\x18ftypmp42" + bytes(500), JPEG),
    "jpeg with a second picture behind it": ("a.jpg", SIMPLE["JPEG"] * 2, JPEG),
    "jpeg without its end": ("a.jpg", SIMPLE["JPEG"][:-2], JPEG),
    "pdf": ("a.pdf", SOME_PDF, PDF),
    "pdf with an empty line before it": ("a.pdf", b"\r\n" + SOME_PDF, PDF),
    "pdf after a byte order mark": ("a.pdf", b"\xef\xbb\xbf" + PDF_WITH_BYTES, PDF),
    "pdf after a printer's language": ("a.pdf", b"\x1b%-12345X@PJL ENTER LANGUAGE=PDF\r\n" + SOME_PDF, PDF),
    "pdf after the headers of its download": ("a.pdf", b"HTTP/1.1 200 OK\r\nServer: x\r\n\r\n" + PDF_WITH_BYTES, PDF),
    "pdf after zeros": ("scan", bytes(512) + PDF_WITH_BYTES, PDF),
    "pdf 1.0": ("a.pdf", SOME_PDF.replace(b"1.4", b"1.0"), PDF),
    "pdf 2.0": ("a.pdf", SOME_PDF.replace(b"1.4", b"2.0"), PDF),
    "pdf with zeros behind it": ("a.pdf", SOME_PDF + bytes(5_000), PDF),
    "pdf without its end": ("a.pdf", SOME_PDF.replace(b"%%EOF", b""), PDF),
    "pdf with an archive attached": ("a.pdf", SOME_PDF + b"9 0 obj\nstream\n" + ZIP + b"\nendstream\n" + SOME_PDF, PDF),
    "pdf with a page in a note": (
        "a.pdf",
        SOME_PDF.replace(b"xref", b"3 0 obj<</RC(<?xml?><body xmlns='x'>hi</body>)>>endobj\nxref"),
        PDF,
    ),
    "word": ("a.doc", compound("1Table", "WordDocument"), DOC),
    "excel": ("a.xls", compound("Workbook"), XLS),
    "excel 95": ("a.xls", compound("Book"), XLS),
    "powerpoint": ("a.ppt", compound("Current User", "Pictures", "PowerPoint Document"), PPT),
    "outlook": ("a.msg", compound("__nameid_version1.0", "__properties_version1.0"), MSG),
    "document with a password": ("a.docx", compound("EncryptionInfo", "EncryptedPackage"), ENCRYPTED),
    "spreadsheet with a password": ("a.xlsx", compound("EncryptionInfo", "EncryptedPackage"), ENCRYPTED),
    "7z": ("a.7z", seven_zip(), SEVEN_ZIP),
    "7z without an ending": ("archive", seven_zip(), SEVEN_ZIP),
}

REJECTED = {
    "gif and javascript, text alone": ("a.gif", b"GIF89a=1;alert(1)//", NOT),
    "gif and javascript": ("a.gif", gif_polyglot(b"/*", b"*/=1;alert(1)//"), NO),
    "gif and javascript in an assignment": ("a.gif", gif_polyglot(b"='", b"';alert(1)//"), NO),
    "gif and javascript behind its end": ("a.gif", SIMPLE["GIF"] + b"*/=1;alert(1)//", NO),
    "webp and javascript": ("a.webp", SIMPLE["WEBP"][:4] + b"/*" + SIMPLE["WEBP"][6:], NO),
    "jpeg and javascript": ("a.jpg", b"\xff\xd8\xff\xe0/*" + bytes(0x2F2A - 2) + SIMPLE["JPEG"][2:], NO),
    "jpeg and php in a comment": ("a.jpg", b"\xff\xd8\xff\xfe\x00\x10<?php exec(); " + SIMPLE["JPEG"][2:], NO),
    "png of 65,535 x 65,535": ("a.png", png_claiming(65_535, 65_535), NO),
    "png of 16,000 x 16,000": ("a.png", png_claiming(16_000, 16_000), NO),
    "png of 0 x 0": ("a.png", png_claiming(0, 0), NO),
    "heic of 30,000 x 30,000": ("a.heic", heic(size=(30_000, 30_000)), NO),
    "heic, first box only": ("a.heic", heic()[:24], NO),
    "avif": ("a.heic", heic(b"avif"), NO),
    "film called heic": ("a.heic", heic(b"mp42"), NO),
    "pdf without an object": ("a.pdf", b"%PDF-1.7\nhello", NO),
    "pdf without a version": ("a.pdf", b"%PDF-evil\n%%EOF", NOT),
    "pdf too far inside": ("a.pdf", bytes(2_000) + SOME_PDF, NO),
    "page before a pdf": ("a.pdf", HTML + SOME_PDF, NO),
    "comment of a page before a pdf": ("a.pdf", b"<!-- " + SOME_PDF, NO),
    "script before a pdf": ("a.pdf", b"/* " + SOME_PDF + b"*/ alert(1)", NO),
    "shell script before a pdf": ("a.pdf", b"#!/bin/sh\n" + SOME_PDF, NO),
    "program before a pdf": ("a.pdf", EXE + SOME_PDF, NO),
    "page in a pdf's head": ("a.pdf", b"%PDF-1.4\n" + HTML + SOME_PDF, NO),
    "page behind a pdf": ("a.pdf", SOME_PDF + HTML, NO),
    "long page behind a pdf": ("a.pdf", SOME_PDF + b"<!doctype html>" + b"x" * 5_000, NO),
    "archive behind a pdf": ("a.pdf", SOME_PDF + ZIP, NO),
    "installer": ("a.doc", compound("_StringPool", "_StringData"), NO),
    "thumbnails": ("Thumbs", compound("Catalog"), NO),
    "word with macros": ("a.doc", compound("WordDocument", "_VBA_PROJECT"), NO),
    "word, first bytes only": ("a.doc", compound("WordDocument")[:512], NO),
    "word called xls": ("a.xls", compound("WordDocument"), NOT),
    "document with a password called pdf": ("a.pdf", compound("EncryptedPackage"), NOT),
    "7z called zip": ("a.zip", seven_zip(), NOT),
    "7z, first bytes only": ("a.7z", seven_zip()[:12], NO),
    "7z with another checksum": ("a.7z", seven_zip()[:8] + b"\x01" + seven_zip()[9:], NO),
    "7z and zip": ("a.7z", seven_zip(ZIP), NO),
    "windows program": ("a", EXE, NO),
    "linux program": ("a", b"\x7fELF\x02\x01\x01\x00" + bytes(60), NO),
    "mac program": ("a", b"\xcf\xfa\xed\xfe\x07\x00\x00\x01" + bytes(60), NO),
    "java class": ("a", b"\xca\xfe\xba\xbe\x00\x00\x00\x34" + bytes(60), NO),
    "webassembly": ("a", b"\x00asm\x01\x00\x00\x00", NO),
    "windows shortcut": ("a", b"L\x00\x00\x00\x01\x14\x02\x00" + bytes(60), NO),
    "film": ("a.mp4", b"\x00\x00\x00\x18ftypmp42" + bytes(60), NO),
    "sound": ("a", b"RIFF\x24\x00\x00\x00WAVEfmt " + bytes(28), NO),
    "gzip": ("a", b"\x1f\x8b\x08\x00" + bytes(20), NO),
    "bitmap": ("a", written("RGB", "BMP"), NO),
    "noise": ("a", struct.pack("<8Q", *range(8)), NO),
}

BEHIND_AN_IMAGE = {
    "page": HTML,
    "svg": b"<svg onload=alert(1)>",
    "php": b"<?php system('id'); ?>",
    "zip": ZIP,
    "zip and a line end": ZIP + b"\r\n",
    "java": zipped(("META-INF/MANIFEST.MF", b"Main-Class: Evil")),
    "rar": b"Rar!\x1a\x07\x01\x00",
    "7z": seven_zip(),
    "linux program": b"\x7fELF\x02\x01\x01\x00",
    "windows program": EXE + b"This program cannot be run in DOS mode.",
    "end of a javascript comment": b"*/=1;alert(1)//",
}


@pytest.mark.parametrize("kind", SIMPLE)
@pytest.mark.parametrize("behind", [b"", b"\x00", b"\r\n", b"\x00" * 1_000, b"trailing words", b"\xff\xd9"])
def test_a_few_bytes_behind_an_image_do_no_harm(judge, kind, behind):
    assert judge("a", SIMPLE[kind] + behind) == TYPES[kind]


@pytest.mark.parametrize("kind", SIMPLE)
@pytest.mark.parametrize("something", BEHIND_AN_IMAGE)
def test_an_image_with_something_else_behind_it_is_rejected(judge, kind, something):
    assert judge("a", SIMPLE[kind] + BEHIND_AN_IMAGE[something]) == NO


def test_an_image_that_readers_of_pdf_open_is_rejected(judge):
    assert judge("a.gif", SIMPLE["GIF"] + SOME_PDF) == NO


@pytest.mark.parametrize("case", ACCEPTED)
def test_what_readers_open_is_accepted(judge, case):
    name, content, media_type = ACCEPTED[case]

    assert judge(name, content) == media_type


@pytest.mark.parametrize("case", REJECTED)
def test_two_natures_programs_and_broken_files_are_rejected(judge, case):
    name, content, code = REJECTED[case]

    assert judge(name, content) == code


def test_a_text_about_a_pdf_is_a_text_unless_it_is_called_one(judge):
    assert judge("a.txt", b"see " + SOME_PDF) == PLAIN
    assert judge("a.pdf", b"see " + SOME_PDF) == PDF

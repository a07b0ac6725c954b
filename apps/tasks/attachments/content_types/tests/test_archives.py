"""ZIP and the office formats in it, as other software writes them (REAL-CASES row 07)."""

from __future__ import annotations

import zipfile

import pytest

from apps.tasks.attachments.content_types.archives import OPEN_DOCUMENT, OPEN_XML, ZIP
from apps.tasks.attachments.tests.files import open_document, open_xml, streamed, with_zip64, zipped

NO, NOT = "type_not_allowed", "extension_mismatch"
HTML = b"<html><script>alert(document.domain)</script></html>"
PLAIN = zipped(("readme.txt", b"hello"), ("b/c.txt", b"there"))
ODT, ODS, DOCX = OPEN_DOCUMENT[".odt"], OPEN_DOCUMENT[".ods"], OPEN_XML[".docx"]
MAIN = {
    ending: f'<Types><Override ContentType="{kind}.main+xml"/></Types>'.encode() for ending, kind in OPEN_XML.items()
}


def manifest(kind: str) -> bytes:
    return (
        '<manifest:manifest><manifest:file-entry manifest:full-path="/" manifest:version="1.3" '
        f'manifest:media-type="{kind}"/><manifest:file-entry manifest:full-path="content.xml" '
        'manifest:media-type="text/xml"/></manifest:manifest>'
    ).encode()


ACCEPTED = {
    "zip64 record that nobody needed": ("a.zip", with_zip64(PLAIN), ZIP),
    "zip64 record that is needed": ("a.zip", with_zip64(PLAIN, needed=True), ZIP),
    "zip64 of no disks, as OneDrive writes it": ("a.zip", with_zip64(PLAIN, disks=0, needed=True), ZIP),
    "docx with zip64": ("a.docx", with_zip64(open_xml(".docx")), DOCX),
    "xlsx with zip64": ("a.xlsx", with_zip64(open_xml(".xlsx"), needed=True), OPEN_XML[".xlsx"]),
    "zip, streamed": ("a.zip", streamed(("a", b"b" * 100)), ZIP),
    "zip, streamed and not compressed": ("a.zip", streamed(("a", b"b"), method=zipfile.ZIP_STORED), ZIP),
    "docx, streamed": ("a.docx", streamed(("[Content_Types].xml", MAIN[".docx"]), ("w", b"<d/>")), DOCX),
    "xlsx, streamed with zip64": (
        "a.xlsx",
        with_zip64(streamed(("xl/workbook.xml", b"<w/>"), ("[Content_Types].xml", MAIN[".xlsx"])), needed=True),
        OPEN_XML[".xlsx"],
    ),
    "odt, streamed": ("a.odt", streamed(("mimetype", ODT.encode()), method=zipfile.ZIP_STORED), ODT),
    "odt whose mimetype is compressed": ("a.odt", zipped(("mimetype", ODT.encode()), ("content.xml", b"<x/>")), ODT),
    "odt whose mimetype is not the first": ("a.odt", zipped(("content.xml", b"<x/>"), ("mimetype", ODT.encode())), ODT),
    "odt whose mimetype ends a line": ("a.odt", zipped(("mimetype", ODT.encode() + b"\r\n")), ODT),
    "ods with a manifest alone": ("a.ods", zipped(("META-INF/manifest.xml", manifest(ODS))), ODS),
    "odt whose library of macros is empty": (
        "a.odt",
        open_document(
            ".odt", ("Basic/script-lc.xml", b"<l/>"), ("Basic/Standard/script-lb.xml", b"<l/>"), ("Scripts/", b"")
        ),
        ODT,
    ),
    "docx whose list of types is UTF-16": (
        "a.docx",
        zipped(("[Content_Types].xml", MAIN[".docx"].decode().encode("utf-16"))),
        DOCX,
    ),
    "docx whose list of types is not compressed": (
        "a.docx",
        zipped(("[Content_Types].xml", MAIN[".docx"]), method=zipfile.ZIP_STORED),
        DOCX,
    ),
    "docx with bzip2": ("a.docx", zipped(("[Content_Types].xml", MAIN[".docx"]), method=zipfile.ZIP_BZIP2), DOCX),
    "docx with lzma": ("a.docx", zipped(("[Content_Types].xml", MAIN[".docx"]), method=zipfile.ZIP_LZMA), DOCX),
    "zip with a comment": ("a.zip", zipped(("a", b"b"), comment=b"hello"), ZIP),
    "zip with bytes behind it": ("a.zip", PLAIN + b"\r\n", ZIP),
    "zip, empty": ("a.zip", zipped(), ZIP),
    "zip, empty, with zip64": ("a.zip", with_zip64(zipped(), needed=True), ZIP),
    "zip once meant for several disks": ("a.zip", b"PK00" + PLAIN, ZIP),
    "zip with a page inside": ("a.zip", zipped(("a.html", HTML), method=zipfile.ZIP_STORED), ZIP),
    "zip of a folder with a program": ("a.zip", zipped(("app/META-INF/MANIFEST.MF", b"x")), ZIP),
    "names in Japanese": ("a.zip", zipped(("設計書.txt", b"x")), ZIP),
    "book": ("a.epub", open_document("application/epub+zip"), ZIP),
    "visio drawing": ("a.vsdx", open_xml(main_type="application/vnd.ms-visio.drawing.main+xml"), ZIP),
    "binary spreadsheet": (
        "a.xlsb",
        open_xml(main_type="application/vnd.ms-excel.sheet.binary.macroEnabled.main"),
        ZIP,
    ),
    "document called zip": ("a.zip", open_xml(".docx"), DOCX),
}

REJECTED = {
    "program behind the scenes": ("a.zip", zipped(("META-INF/MANIFEST.MF", b"Main-Class: Evil\n")), NO),
    "program as a stream": ("a.zip", streamed(("META-INF/MANIFEST.MF", b"Main-Class: Evil\n")), NO),
    "program with zip64": ("a.zip", with_zip64(zipped(("AndroidManifest.xml", b"\x03")), needed=True), NO),
    "windows package": ("a.zip", zipped(("AppxManifest.xml", b"<x/>")), NO),
    "page behind it": ("a.zip", PLAIN + HTML, NO),
    "page behind a comment": ("a.zip", zipped(("a", b"b"), comment=b"hello") + HTML, NO),
    "program before it": ("a.zip", b"MZ" + bytes(100) + PLAIN, NO),
    "script before it": ("a.zip", b"#!/usr/bin/env python\n" + PLAIN, NO),
    "two formats": ("a.odt", open_document(".odt", ("[Content_Types].xml", b"<Types/>")), NO),
    "docx with macros": ("a.docx", open_xml(".docx", ("word/vbaProject.bin", b"\x00")), NO),
    "docm called docx": ("a.docx", open_xml(main_type="application/vnd.ms-word.document.macroEnabled.main+xml"), NO),
    "xltm": ("a.xltm", open_xml(main_type="application/vnd.ms-excel.template.macroEnabled.main+xml"), NO),
    "xlsx with a macro sheet": ("a.xlsx", open_xml(".xlsx", ("xl/macrosheets/sheet1.xml", b"<x/>")), NO),
    "xlsb with macros": ("a.xlsb", zipped(("xl/vbaProject.bin", b"\x00")), NO),
    "odt with macros": ("a.odt", open_document(".odt", ("Basic/Standard/Module1.xml", b"<m/>")), NO),
    "odt with a python macro": ("a.odt", open_document(".odt", ("Scripts/python/evil.py", b"x")), NO),
    "cut off": ("a.zip", PLAIN[:-30], NO),
    "end alone, elsewhere": ("a.zip", PLAIN[:-6] + b"\xff\xff\xff\x00" + PLAIN[-2:], NO),
    "directory that is none": ("a.zip", PLAIN.replace(b"PK\x01\x02", b"PK\x01\x03"), NO),
    "first bytes only": ("a.zip", b"PK\x03\x04", NO),
    "zip called docx": ("a.docx", PLAIN, NOT),
    "docx called xlsx": ("a.xlsx", open_xml(".docx"), NOT),
    "book called odt": ("a.odt", open_document("application/epub+zip"), NOT),
    "visio called docx": ("a.docx", open_xml(main_type="application/vnd.ms-visio.drawing.main+xml"), NOT),
    "docx whose list of types is a bomb": ("a.docx", zipped(("[Content_Types].xml", b" " * 50_000_000)), NOT),
}


@pytest.mark.parametrize("case", ACCEPTED)
def test_row_07_archives_of_other_writers_are_accepted(judge, case):
    name, content, media_type = ACCEPTED[case]

    assert judge(name, content) == media_type


@pytest.mark.parametrize("case", REJECTED)
def test_archives_of_two_natures_and_broken_ones_are_rejected(judge, case):
    name, content, code = REJECTED[case]

    assert judge(name, content) == code

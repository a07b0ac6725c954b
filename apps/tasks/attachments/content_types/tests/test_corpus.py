"""A corpus of harmless, odd and hostile files, each with its exact outcome."""

from __future__ import annotations

import struct
import zipfile

import pytest

from apps.tasks.attachments.content_types.archives import OPEN_DOCUMENT, OPEN_XML
from apps.tasks.attachments.tests import files
from apps.tasks.attachments.tests.files import image, open_document, open_xml, png_claiming, zipped

PNG, JPEG, GIF, WEBP = (image(kind) for kind in ("PNG", "JPEG", "GIF", "WEBP"))
HTML = b"<html><script>alert(document.domain)</script></html>"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'
JAR = zipped(("META-INF/MANIFEST.MF", b"Main-Class: Evil\n"), ("Evil.class", b"\xca\xfe\xba\xbe"))
ZIP = zipped(("readme.txt", b"hello"))
EXE = b"MZ\x90\x00\x03\x00\x00\x00" + b"\x00" * 56 + b"PE\x00\x00"
DOCX_TYPES = f'<Types><Override ContentType="{OPEN_XML[".docx"]}.main+xml"/></Types>'.encode()
NO, NOT = "type_not_allowed", "extension_mismatch"

GIF_HEADER = b"GIF89a\x01\x00\x01\x00\x80\x00\x00\x00\x00\x00\xff\xff\xff"
GIF_PIXEL = b"\x2c\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02\x44\x01\x00"


def gif_with_comment(comment: bytes) -> bytes:
    """Return a proper GIF with a comment block."""
    return GIF_HEADER + b"\x21\xfe" + bytes([len(comment)]) + comment + b"\x00" + GIF_PIXEL + b"\x3b"


def png_with_text(text: bytes) -> bytes:
    """Return a proper PNG with a text chunk of the given content before its end."""
    body = b"Comment\x00" + text
    chunk = struct.pack(">I", len(body)) + b"tEXt" + body + b"\x00\x00\x00\x00"
    return PNG[:-12] + chunk + PNG[-12:]


def broken_list_of_types() -> bytes:
    """Return a DOCX whose list of types cannot be inflated."""
    before, name, after = open_xml(".docx").partition(b"[Content_Types].xml")
    return before + name + b"\xff" * 10 + after[10:]


def docx_with_entry(offset: int, value: bytes) -> bytes:
    """Return a DOCX with `value` written into the directory's entry of the list of types."""
    content = open_xml(".docx")
    place = content.index(b"PK\x01\x02") + offset
    return content[:place] + value + content[place + len(value) :]


# What each type that is taken looks like: (name, content, media type)
ACCEPTED = {
    "png": ("a.png", PNG, "image/png"),
    "jpeg": ("a.jpeg", JPEG, "image/jpeg"),
    "jpg in capitals": ("A.JPG", JPEG, "image/jpeg"),
    "gif": ("a.gif", GIF, "image/gif"),
    "gif with a comment": ("a.gif", gif_with_comment(b"made by hand"), "image/gif"),
    "webp": ("a.webp", WEBP, "image/webp"),
    "webp, lossless": ("a.webp", files.webp(lossless=True), "image/webp"),
    "webp, with transparency": ("a.webp", files.webp(mode="RGBA"), "image/webp"),
    "jpeg with a second picture behind it": ("a.jpg", JPEG + JPEG, "image/jpeg"),
    "pdf": ("a.pdf", files.PDF, "application/pdf"),
    "text": ("a.txt", b"hello", "text/plain"),
    "text without an ending": ("README", b"hello", "text/plain"),
    "text, hidden name": (".profile", b"hello", "text/plain"),
    "csv": ("a.csv", b"a;b\n1;2\n", "text/plain"),
    "csv with a byte order mark": ("a.csv", b"\xef\xbb\xbfa;b\n", "text/plain"),
    "csv in UTF-16": ("a.csv", "ä;ö\r\n".encode("utf-16"), "text/plain"),
    "csv in Windows-1252": ("a.csv", "Größe;1\r\n".encode("cp1252"), "text/plain"),
    "markdown that begins with a tag": ("a.md", b'<p align="center">Hi</p>\n# Title', "text/plain"),
    "log with colours": ("a.log", b"\x1b[31merror\x1b[0m\n", "text/plain"),
    "log about an attack, far inside": ("a.log", b"x" * 3_000 + b"GET /?q=<script>", "text/plain"),
    "json": ("a.json", b'{"a": [1, 2.5e3, null, "\\u00e9"]}', "application/json"),
    "json in a text": ("a.txt", b'{"a": 1}', "text/plain"),
    "zip": ("a.zip", ZIP, "application/zip"),
    "zip, empty": ("a.zip", zipped(), "application/zip"),
    "zip with a comment": ("a.zip", zipped(("a", b"b"), comment=b"hello"), "application/zip"),
    "zip without compression": ("a.zip", zipped(("a", b"b"), method=zipfile.ZIP_STORED), "application/zip"),
    "zip with a page inside": ("a.zip", zipped(("a.html", HTML), method=zipfile.ZIP_STORED), "application/zip"),
    "docx whose list of types is not compressed": (
        "a.docx",
        zipped(("[Content_Types].xml", DOCX_TYPES), method=zipfile.ZIP_STORED),
        OPEN_XML[".docx"],
    ),
    "document called zip": ("a.zip", open_xml(".docx"), OPEN_XML[".docx"]),
    "image without an ending": ("picture", PNG, "image/png"),
    "two endings, the last one right": ("photo.php.jpg", JPEG, "image/jpeg"),
    **{ending: (f"a{ending}", open_document(ending), media) for ending, media in OPEN_DOCUMENT.items()},
    **{ending: (f"a{ending}", open_xml(ending), media) for ending, media in OPEN_XML.items()},
}

# What is never taken, whatever it is called: (name, content, code)
REJECTED = {
    "html": ("a.html", HTML, NO),
    "html called txt": ("a.txt", HTML, NO),
    "html called png": ("a.png", HTML, NO),
    "html without an ending": ("page", HTML, NO),
    "html after blanks": ("a.txt", b"\n\t  " + HTML, NO),
    "html after a byte order mark": ("a.txt", b"\xef\xbb\xbf" + HTML, NO),
    "html in UTF-16": ("a.txt", HTML.decode().encode("utf-16"), NO),
    "html called md": ("a.md", b"<!doctype html><title>x</title>", NO),
    "html doctype in capitals": ("a.txt", b"<!DOCTYPE HTML>", NO),
    "svg": ("a.svg", SVG, NO),
    "svg called txt": ("a.txt", SVG, NO),
    "svg called png": ("a.png", SVG, NO),
    "svg after an xml declaration": ("a.txt", b'<?xml version="1.0"?>' + SVG, NO),
    "php": ("a.php", b"<?php system($_GET['c']);", NO),
    "shell script": ("a.sh", b"#!/bin/sh\nrm -rf /\n", NO),
    "shell script called txt": ("a.txt", b"#!/bin/sh\nrm -rf /\n", NO),
    "batch file called txt": ("a.txt", b"@echo off\r\ndel *.*\r\n", NO),
    "text called js": ("a.js", b"alert(1)", NOT),
    "text called html": ("a.html", b"hello", NOT),
    "text called exe": ("a.exe", b"hello", NOT),
    "text called pdf.exe": ("invoice.pdf.exe", b"hello", NOT),
    "text called svgz": ("a.svgz", b"hello", NOT),
    "text called png": ("a.png", b"hello", NOT),
    "text called pdf": ("a.pdf", b"hello", NOT),
    "text called zip": ("a.zip", b"hello", NOT),
    "text called json": ("a.json", b"hello", NOT),
    "json with a comma too many": ("a.json", b"[1,]", NOT),
    "json with NaN": ("a.json", b"[NaN]", NOT),
    "json twice": ("a.json", b"{}{}", NOT),
    "json cut off": ("a.json", b'{"a": [1, 2', NOT),
    "json, not UTF-8": ("a.json", b'"\xff"', NOT),
    "json nested 100,000 deep": ("a.json", b"[" * 100_000 + b"]" * 100_000, NOT),
    "text with NUL": ("a.txt", b"hello\x00world", NO),
    "text with NUL in UTF-16": ("a.txt", "a\x00b".encode("utf-16"), NO),
    "half a character of UTF-16": ("a.txt", "ab".encode("utf-16") + b"x", NO),
    "rich text": ("a.txt", b"{\\rtf1 hello}", NO),
    "postscript": ("a.txt", b"%!PS-Adobe-3.0", NO),
    "windows program": ("a.exe", EXE, NO),
    "windows program called png": ("a.png", EXE, NO),
    "windows program called txt": ("a.txt", EXE, NO),
    "linux program": ("tool", b"\x7fELF\x02\x01\x01\x00" + b"\x00" * 60, NO),
    "java program": ("a.jar", JAR, NO),
    "java program called zip": ("a.zip", JAR, NO),
    "android program called zip": ("a.zip", zipped(("AndroidManifest.xml", b"\x03\x00")), NO),
    "word document of old": ("a.doc", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 500, NO),
    "7z called zip": ("a.zip", b"7z\xbc\xaf\x27\x1c\x00\x04", NO),
    "gzip called zip": ("a.zip", b"\x1f\x8b\x08\x00" + b"\x00" * 20, NO),
    "film called webp": ("a.webp", b"RIFF\x24\x00\x00\x00AVI LIST" + b"\x00" * 28, NO),
    "book called odt": ("a.odt", open_document("application/epub+zip"), NOT),
    # Renamed: allowed content under the name of another type
    "png called jpg": ("a.jpg", PNG, NOT),
    "jpeg called gif": ("a.gif", JPEG, NOT),
    "gif called webp": ("a.webp", GIF, NOT),
    "pdf called txt": ("a.txt", files.PDF, NOT),
    "png called html": ("a.html", PNG, NOT),
    "png called svg": ("a.svg", PNG, NOT),
    "zip called docx": ("a.docx", ZIP, NOT),
    "docx called xlsx": ("a.xlsx", open_xml(".docx"), NOT),
    "docx called odt": ("a.odt", open_xml(".docx"), NOT),
    "odt called ods": ("a.ods", open_document(".odt"), NOT),
    "right name, wrong last ending": ("photo.jpg.php", JPEG, NOT),
    "ending hidden by bidi": ("photo\u202egpj.exe", JPEG, NOT),
    "ending hidden by a dot": ("photo.exe.", JPEG, NOT),
    "ending hidden by a blank": ("photo.exe ", JPEG, NOT),
    "ending after a stream mark": ("photo.jpg:evil.exe", JPEG, NOT),
    # Polyglots: two types in one file
    "gif and javascript": ("a.gif", b"GIF89a=1;alert(1)//", NOT),
    "gif and javascript behind its end": ("a.gif", GIF + b"*/=1;alert(1)//", NO),
    "gif and html in its comment": ("a.gif", gif_with_comment(b"<script>alert(1)</script>"), NO),
    "gif and java": ("a.gif", GIF + JAR, NO),
    "png and html in a text chunk": ("a.png", png_with_text(HTML), NO),
    "png and php in a text chunk": ("a.png", png_with_text(b"<?php system('id'); ?>"), NO),
    "png and zip": ("a.png", PNG + ZIP, NO),
    "png and html behind its end": ("a.png", PNG + HTML, NO),
    "jpeg and zip": ("a.jpg", JPEG + ZIP, NO),
    "jpeg and zip called zip": ("a.zip", JPEG + ZIP, NO),
    "jpeg and html": ("a.jpg", JPEG + HTML, NO),
    "jpeg and php in its comment": ("a.jpg", b"\xff\xd8\xff\xfe\x00\x10<?php exec(); " + JPEG[2:], NO),
    "webp and html": ("a.webp", WEBP + HTML, NO),
    "pdf and html": ("a.pdf", b"%PDF-1.4\n" + HTML + files.PDF, NO),
    "pdf and html behind its end": ("a.pdf", files.PDF + HTML, NO),
    "html and pdf": ("a.pdf", b"<!-- " + files.PDF, NO),
    "pdf and zip": ("a.pdf", files.PDF + ZIP, NO),
    "zip behind a program": ("a.zip", EXE + ZIP, NO),
    "zip behind a script": ("a.zip", b"#!/usr/bin/env python\n" + ZIP, NO),
    "zip and html behind it": ("a.zip", ZIP + HTML, NO),
    "document of two formats": ("a.odt", open_document(".odt", ("[Content_Types].xml", b"<Types/>")), NO),
    "docx with macros": ("a.docx", open_xml(".docx", ("word/vbaProject.bin", b"\x00")), NO),
    "docm called docx": (
        "a.docx",
        open_xml(main_type="application/vnd.ms-word.document.macroEnabled.main+xml"),
        NO,
    ),
    "odt with macros": ("a.odt", open_document(".odt", ("Basic/Standard/Module1.xml", b"<m/>")), NO),
    "visio called docx": ("a.docx", open_xml(main_type="application/vnd.ms-visio.drawing.main+xml"), NOT),
    # Broken: begins like one of ours
    "png, first bytes only": ("a.png", PNG[:8], NOT),
    "jpeg, first bytes only": ("a.jpg", JPEG[:4], NOT),
    "jpeg without a size": ("a.jpg", b"\xff\xd8\xff\xda\x00\x02\xff\xd9", NO),
    "gif, header only": ("a.gif", GIF_HEADER, NO),
    "gif with an unknown block": ("a.gif", GIF_HEADER + b"\x99\x3b", NO),
    "webp, header only": ("a.webp", WEBP[:16], NO),
    "webp with another size": ("a.webp", WEBP[:4] + b"\x00\x00\x00\x01" + WEBP[8:], NO),
    "pdf without an end": ("a.pdf", b"%PDF-1.7\nhello", NO),
    "pdf without a version": ("a.pdf", b"%PDF-evil\n%%EOF", NOT),
    "zip, first bytes only": ("a.zip", b"PK\x03\x04", NO),
    "zip cut off": ("a.zip", ZIP[:-4], NO),
    "zip whose directory is none": ("a.zip", ZIP.replace(b"PK\x01\x02", b"PK\x01\x03"), NO),
    "docx whose list of types lies elsewhere": ("a.docx", docx_with_entry(42, b"\x01\x00\x00\x00"), NO),
    "docx whose list of types lies outside": ("a.docx", docx_with_entry(42, b"\xff\xff\xff\x7f"), NO),
    "docx whose list of types is packed in another way": ("a.docx", docx_with_entry(10, b"\x0c\x00"), NO),
    "png without its header": ("a.png", PNG[:12] + b"IDAT" + PNG[16:], NO),
    "webp of a layout nobody knows": ("a.webp", WEBP[:12] + b"VP9 " + WEBP[16:], NO),
    "zip with its directory elsewhere": ("a.zip", ZIP[:-6] + b"\xff\xff\xff\x00" + ZIP[-2:], NO),
    "docx with a broken list of types": ("a.docx", broken_list_of_types(), NO),
    # Bombs
    "png of 65,535 x 65,535": ("a.png", png_claiming(65_535, 65_535), NO),
    "png of 0 x 0": ("a.png", png_claiming(0, 0), NO),
    "gif of 65,535 x 65,535": ("a.gif", GIF[:6] + b"\xff\xff\xff\xff" + GIF[10:], NO),
    "docx whose list of types is a bomb": (
        "a.docx",
        zipped(("[Content_Types].xml", b" " * 50_000_000)),
        NOT,
    ),
}


@pytest.mark.parametrize("case", ACCEPTED)
def test_what_is_on_the_list_is_accepted_with_the_type_of_its_content(judge, case):
    name, content, media_type = ACCEPTED[case]

    assert judge(name, content) == media_type


@pytest.mark.parametrize("case", REJECTED)
def test_what_is_not_on_the_list_is_rejected(judge, case):
    name, content, code = REJECTED[case]

    assert judge(name, content) == code

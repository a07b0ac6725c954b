"""Text about markup is text, text that begins as a page is a page (REAL-CASES row 09)."""

from __future__ import annotations

import json

import pytest

from apps.tasks.attachments.content_types.texts import JSON, PLAIN

NO, NOT = "type_not_allowed", "extension_mismatch"
PAGE = "<html><body><script>alert(document.domain)</script></body></html>"

ACCEPTED = {
    "sentence with a tag": ("a.txt", b"Please use <script> instead of <object> here."),
    "log with an error page": ("web.log", b"502: <html><body>Bad Gateway</body></html>\n"),
    "log about an attack": ("a.log", b"GET /?q=<script>alert(1)</script> 404\n"),
    "text with php": ("a.txt", b"hello <?php system($_GET['c']); ?>"),
    "csv with markup": ("a.csv", b"id,html\n1,<html><script>x</script></html>\n"),
    "readme that begins with an image": ("README.md", b'<img src="logo.png">\n\n# Project\n'),
    "readme that begins with a paragraph": ("README.md", b'<p align="center">Hi</p>\n# Title'),
    "readme that begins with a heading": ("README", b'<h1 align="center">Hi</h1>'),
    "readme that begins with a comment": ("README.md", b"<!-- badges -->\n# Title"),
    "readme that begins with a link": ("readme.txt", b'<a href="https://example.org">x</a>'),
    "fragment of a component": ("a.txt", b"<svg-icon></svg-icon>"),
    "mail": ("a.eml", b"From: a@example.org\r\nContent-Type: text/html\r\n\r\n<html><body>hi</body></html>\r\n"),
    "mail, cut off and filled with zeros": ("a.eml", b"Received: from x\nSubject: y\n\nhello\x00\x00\n"),
    "mail without an ending": ("mail_1", b"From x@example.org Mon Nov 20\nReturn-Path: <x>\n\n\x00"),
    "patch": ("a.patch", b"--- a/x.html\n+++ b/x.html\n@@ -1 +1 @@\n-<html>\n+<html lang=en>\n"),
    "yaml": ("a.yaml", b"a: <script>\n"),
    "calendar": ("a.ics", b"BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n"),
    "sql": ("a.sql", b"-- dump\nINSERT INTO t VALUES ('<script>');\n"),
    "xml": ("a.xml", b'<?xml version="1.0"?><note/>'),
    "xml that mentions xhtml": (
        "a.xml",
        b'<?xml version="1.0"?><root xmlns:h="http://www.w3.org/1999/xhtml"><h:p/></root>',
    ),
    "xml whose root is a style": ("a.csl", b'<?xml version="1.0"?><style xmlns="http://purl.org/net/xbiblio/csl"/>'),
    "xml with its own document type": ("a.xml", b'<!DOCTYPE note [<!ENTITY a "b">]>\n<note/>'),
    "rust": ("main.rs", b"#![allow(dead_code)]\nfn main() {}\n"),
    "heading": ("a.md", b"# Title\n"),
    "text that is short": ("a.txt", b"<"),
    "text about PDF": ("a.log", b"the header %PDF-1.4 is missing, 1 0 obj found\n"),
    "text about images": ("a.txt", b"GIF89a is a format"),
    # Terminals and DOS
    "colours": ("a.log", b"\x1b[31merror\x1b[0m\n"),
    "backspaces": ("install.log", b"load: 10%\b\b\b20%\n"),
    "bell": ("a.log", b"done\x07\n"),
    "vertical tab": ("a.txt", b"a\x0bb"),
    "form feed": ("a.txt", b"a\x0cb"),
    "end mark of DOS": ("a.txt", b"hello\r\n\x1a"),
    "two files copied together by DOS": ("a.txt", b"hello\r\n\x1athere\r\n\x1a"),
    "shifts of a terminal": ("typescript.log", b"\x1b(B\x0f\x1b[mhello\x0e"),
    "carriage returns": ("a.log", b"10%\r20%\r30%\r"),
    # Encodings
    "latin-1": ("a.log", "Größe".encode("latin-1")),
    "code page 437": ("a.txt", "Größe ║".encode("cp437")),
    "windows-1252": ("a.csv", "„Größe“;1\r\n".encode("cp1252")),
    "japanese": ("a.txt", "日本語".encode("iso-2022-jp")),
    "shift-jis": ("a.txt", "日本語".encode("shift-jis")),
    "utf-8 with a mark": ("a.csv", b"\xef\xbb\xbfa;b\n"),
    "utf-16": ("a.csv", "ä;ö\r\n".encode("utf-16")),
    "utf-16, big-endian": ("a.txt", "\ufeffä".encode("utf-16-be")),
    "utf-32": ("a.txt", "ä".encode("utf-32")),
    "utf-16 with a page inside": ("a.txt", f"error: {PAGE}".encode("utf-16")),
    "json in a text": ("a.txt", b'{"a": 1}'),
    "lines of json": ("a.ndjson", b'{"a": 1}\n{"a": 2}\n'),
    "json in UTF-16": ("a.json", json.dumps({"a": 1}).encode("utf-16")),
    "json with comments": ("settings.jsonc", b'{"a": 1} // why'),
    "a number": ("version", b"42\n"),
}

ACCEPTED_JSON = {
    "json about a page": ("dump.json", json.dumps({"html": PAGE}).encode()),
    "json that is a page": ("dump.json", json.dumps(PAGE).encode()),
    "json with a mark": ("a.json", b'\xef\xbb\xbf{"a": 1}'),
    "json without an ending": ("dump", b'{"a": 1}'),
    "json of another name": ("map.geojson", b'{"type": "Point", "coordinates": [1, 2.5]}'),
    "json of one line": ("a.jsonl", b'{"a": 1}\n'),
    "json, a number": ("a.json", b"42"),
    "json, nested": ("package-lock.json", b"[null, [[]]]"),
    "json, 900 deep": ("a.json", b"[" * 900 + b"]" * 900),
    "json, long": ("a.json", json.dumps(list(range(500_000))).encode()),
    "json, not in ASCII": ("a.json", '{"größe": "日本"}'.encode()),
    "json with a path": ("a.json", b'{"path": "C:\\\\users\\\\u12"}'),
}

REJECTED = {
    "html": ("a.txt", PAGE.encode(), NO),
    "html without an ending": ("page", PAGE.encode(), NO),
    "html called json": ("a.json", PAGE.encode(), NO),
    "html after blanks": ("a.txt", b"\n\t  " + PAGE.encode(), NO),
    "html after a mark": ("a.txt", b"\xef\xbb\xbf" + PAGE.encode(), NO),
    "html in UTF-16": ("a.txt", PAGE.encode("utf-16"), NO),
    "html after a comment": ("a.md", b"<!-- x -->\n<!-- y --><!DOCTYPE html>", NO),
    "html after an instruction": ("a.txt", b"<?xml-stylesheet href='x'?><html/>", NO),
    "html after another document type": ("a.txt", b"<!DOCTYPE x [<!ENTITY a '>'>]><html>", NO),
    "html with a namespace": ("a.xml", b'<?xml version="1.0"?>\n<h:html xmlns:h="http://www.w3.org/1999/xhtml"/>', NO),
    "doctype in capitals": ("a.txt", b"<!DOCTYPE HTML>", NO),
    "doctype of svg": ("a.txt", b'<!DOCTYPE svg PUBLIC "x" "y"><svg/>', NO),
    "svg": ("a.txt", b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>', NO),
    "svg after a declaration": ("a.xml", b'<?xml version="1.0"?><!-- x --><svg/>', NO),
    "svg with a namespace": ("a.xml", b'<s:svg xmlns:s="http://www.w3.org/2000/svg"/>', NO),
    "head": ("a.txt", b"<head><title>x</title></head>", NO),
    "body": ("a.txt", b"<BODY onload=alert(1)>", NO),
    "script": ("a.txt", b"<script>alert(1)</script>", NO),
    "script with a source": ("a.txt", b"<script\nsrc=x></script>", NO),
    "page without html and head": ("a.txt", b"<title>x</title><script>alert(1)</script>", NO),
    "frame": ("a.txt", b"<iframe src=x>", NO),
    "php": ("a.txt", b"<?php system($_GET['c']);", NO),
    "php, short": ("a.txt", b"<?= `id` ?>", NO),
    "php after a comment": ("a.txt", b"<!-- x --><?php echo 1;", NO),
    "server page": ("a.txt", b'<%@ page language="java" %>', NO),
    "shell script": ("a.txt", b"#!/bin/sh\nrm -rf /\n", NO),
    "shell script with a blank": ("notes", b"#! /usr/bin/env python\n", NO),
    "shell script after a mark": ("a.txt", b"\xef\xbb\xbf#!/bin/sh\n", NO),
    "batch file": ("a.txt", b"@ECHO  OFF\r\ndel *.*\r\n", NO),
    "encoded script": ("a.txt", b"#@~^XAAAAA==", NO),
    "postscript": ("a.txt", b"%!PS-Adobe-3.0", NO),
    "rich text": ("a.txt", b"{\\rtf1 hello}", NO),
    "zero byte": ("a.txt", b"hello\x00world", NO),
    "zero byte in UTF-16": ("a.txt", "a\x00b".encode("utf-16"), NO),
    "control character": ("a.txt", b"hello\x01", NO),
    "half a character of UTF-16": ("a.txt", "ab".encode("utf-16") + b"x", NO),
    "json with a comma too many": ("a.json", b"[1,]", NOT),
    "json object with a comma too many": ("a.json", b'{"a": 1,}', NOT),
    "json with NaN": ("a.json", b"[NaN]", NOT),
    "json twice": ("a.json", b"{}{}", NOT),
    "json cut off": ("a.json", b'{"a": [1, 2', NOT),
    "json in latin-1": ("a.json", b'"\xff"', NOT),
    "json with comments": ("a.json", b'{"a": 1} // why', NOT),
    "text called json": ("a.json", b"hello", NOT),
    "blanks called json": ("a.json", b"  \n", NOT),
}


@pytest.mark.parametrize("case", ACCEPTED)
def test_row_09_text_about_markup_is_text(judge, case):
    assert judge(*ACCEPTED[case]) == PLAIN


@pytest.mark.parametrize("case", ACCEPTED_JSON)
def test_row_09_json_is_asked_whether_it_is_json(judge, case):
    assert judge(*ACCEPTED_JSON[case]) == JSON


@pytest.mark.parametrize("case", REJECTED)
def test_row_09_text_that_begins_as_a_page_or_a_script_is_rejected(judge, case):
    name, content, code = REJECTED[case]

    assert judge(name, content) == code

"""Files of every kind through the API: what is accepted, and that nothing is left of what is not."""

from __future__ import annotations

import pytest

from apps.tasks.attachments.content_types.archives import OPEN_XML
from apps.tasks.attachments.tests import files
from apps.tasks.attachments.tests.files import compound, image, open_document, open_xml, seven_zip, streamed, with_zip64
from apps.tasks.models import Attachment

HTML = b"<html><script>alert(document.domain)</script></html>"
ZIP = files.zipped(("readme.txt", b"hello"))
BOMB = files.zipped(("zeros", b"\x00" * 50_000_000))
ODT = "application/vnd.oasis.opendocument.text"
NO, NOT = "type_not_allowed", "extension_mismatch"

ACCEPTED = {
    "png": ("a.png", image("PNG"), "image/png"),
    "jpeg": ("A.JPG", image("JPEG"), "image/jpeg"),
    "gif": ("a.gif", image("GIF"), "image/gif"),
    "webp": ("a.webp", image("WEBP"), "image/webp"),
    "tiff": ("a.tif", image("TIFF"), "image/tiff"),
    "heic": ("IMG_0001.HEIC", files.heic(), "image/heic"),
    "pdf": ("a.pdf", files.PDF, "application/pdf"),
    "pdf, row 09": ("a.pdf", b"\r\n" + files.PDF, "application/pdf"),
    "json": ("a.json", b'{"a": [1, 2.5e3, null]}', "application/json"),
    "7z": ("a.7z", seven_zip(), "application/x-7z-compressed"),
    "zip": ("a.zip", ZIP, "application/zip"),
    "odt": ("a.odt", open_document(".odt"), ODT),
    "docx": ("a.docx", open_xml(".docx"), OPEN_XML[".docx"]),
    "doc": ("a.doc", compound("WordDocument"), "application/msword"),
    "xls": ("a.xls", compound("Workbook"), "application/vnd.ms-excel"),
    "ppt": ("a.ppt", compound("PowerPoint Document"), "application/vnd.ms-powerpoint"),
    "msg": ("a.msg", compound("__properties_version1.0"), "application/vnd.ms-outlook"),
    "row 06, a date": ("Protokoll 12.05.2026", b"hello\n", "text/plain"),
    "row 06, a version": ("notes v1.2", b"hello\n", "text/plain"),
    "row 06, a number": ("app.log.1", b"hello\n", "text/plain"),
    "row 07, zip64": ("a.zip", with_zip64(ZIP), "application/zip"),
    "row 07, streamed": ("a.odt", streamed(("mimetype", ODT.encode()), ("content.xml", b"<x/>")), ODT),
    "row 09, log": ("web.log", b"502: <html><body>Bad Gateway</body></html>\n", "text/plain"),
    "row 09, json": ("dump.json", b'{"html": "<html><body>x</body></html>"}', "application/json"),
    "row 09, readme": ("README.md", b'<img src="logo.png">\n\n# Project\n', "text/plain"),
    "row 09, terminal": ("install.log", b"load: 10%\b\b\b20%\n", "text/plain"),
}

REJECTED = {
    "html": ("a.txt", HTML, NO),
    "svg": ("a.svg", b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>', NO),
    "script": ("a.txt", b"#!/bin/sh\nrm -rf /\n", NO),
    "text called html": ("a.html", b"hello", NOT),
    "program": ("a.exe", b"MZ\x90\x00" + bytes(60), NO),
    "java program called zip": ("a.zip", files.zipped(("META-INF/MANIFEST.MF", b"x")), NO),
    "image and page": ("a.png", image("PNG") + HTML, NO),
    "image and archive": ("a.gif", image("GIF") + ZIP, NO),
    "pdf and page": ("a.pdf", files.PDF + HTML, NO),
    "document with macros": ("a.docx", open_xml(".docx", ("word/vbaProject.bin", b"\x00")), NO),
    "image bomb": ("a.png", files.png_claiming(65_535, 65_535), NO),
    "json that is none": ("a.json", b"[1,]", NOT),
    "png called jpg": ("a.jpg", image("PNG"), NOT),
}


def send(client, task, name: str, content: bytes):
    head = f'--b\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n'
    # The client's own word on the type counts for nothing.
    body = head.encode() + b"Content-Type: image/png\r\n\r\n" + content + b"\r\n--b--\r\n"
    return client.generic("POST", f"/api/tasks/{task.pk}/attachments/", body, "multipart/form-data; boundary=b")


@pytest.mark.parametrize("case", ACCEPTED)
def test_what_is_on_the_list_is_accepted_and_downloaded_as_it_is(api, member, task, case):
    name, content, media_type = ACCEPTED[case]

    response = send(api(member), task, name, content)

    assert (response.status_code, response.json().get("content_type")) == (201, media_type), response.json()
    download = api(member).get(response.json()["url"])
    assert (download["Content-Type"], download.getvalue()) == (media_type, content)


@pytest.mark.parametrize("case", REJECTED)
def test_what_is_not_on_the_list_is_rejected_and_leaves_nothing(api, member, task, media, case):
    name, content, code = REJECTED[case]

    response = send(api(member), task, name, content)

    assert response.status_code == 400, response.json()
    assert [(e["pointer"], e["code"]) for e in response.json()["errors"]] == [("/file", code)]
    assert (Attachment.objects.count(), files.stored(media)) == (0, [])


def test_a_zip_bomb_is_kept_as_it_is_and_never_unpacked(api, member, task, media):
    response = send(api(member), task, "a.zip", BOMB)

    assert (response.status_code, response.json()["size"]) == (201, len(BOMB))
    (path,) = files.stored(media)
    assert (media / path).read_bytes() == BOMB

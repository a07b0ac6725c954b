"""REAL-CASES row 05: a part of a multipart body that cannot be read is rejected, never left out or garbled."""

from __future__ import annotations

import pytest
from rest_framework.exceptions import ParseError

from apps.common.api.part_heads import PartHeads
from apps.tasks.models import Task

URL = "/api/cards/"
FORM = "multipart/form-data; boundary=b"
TITLE = b'Content-Disposition: form-data; name="title"'
GOOD = {
    "as browsers write it": TITLE,
    "UTF-8": 'Content-Disposition: form-data; name="title"; x="Größe"'.encode(),
    "in lower case, without quotes": b"content-disposition:form-data;name=title",
    "another header in cp1252": TITLE + b"\r\nX-Machine: Gr\xf6\xdfe",
    "its encoding": TITLE + b"\r\nContent-Transfer-Encoding: 8bit",
    "its type": b"Content-Type: text/plain\r\n" + TITLE,
}
BAD = {
    "a name in cp1252": b'Content-Disposition: form-data; name="Gr\xf6\xdfe"',
    "a file name in cp1252": TITLE + b'; filename="Gr\xf6\xdfe.txt"',
    "a file name in Shift JIS": TITLE + b'; filename="\x90\xdd\x8cv.txt"',
    "cp1252 beside an encoded name": TITLE + b"; filename=\"Gr\xf6\xdfe.txt\"; filename*=UTF-8''Gr%C3%B6%C3%9Fe.txt",
    "an encoded name that is not UTF-8": TITLE + b"; filename*=UTF-8''Gr%F6%DFe.txt",
    "an encoded name in an unknown character set": TITLE + b"; filename*=klingon''%20.txt",
    "a lone surrogate": TITLE + b"; filename*=utf-7''+2AA-.txt",
    "no name": b'Content-Disposition: form-data; filename="a.txt"',
    "the name on a line of its own": b'Content-Disposition: form-data;\r\n name="title"',
    "no colon": b'Content-Disposition form-data; name="title"',
    "a blank before the colon": b'Content-Disposition : form-data; name="title"',
    "another header alone": b"Content-Type: text/plain",
    "nothing": b"",
    "quoted-printable": TITLE + b"\r\nContent-Transfer-Encoding: quoted-printable",
}


def body_of(*parts: tuple[bytes, bytes]) -> bytes:
    return b"".join(b"--b\r\n" + head + b"\r\n\r\n" + content + b"\r\n" for head, content in parts) + b"--b--\r\n"


def feed(body: bytes, size: int) -> None:
    heads = PartHeads("b", longest=1_000)
    for start in range(0, len(body), size):
        heads.feed(body[start : start + size])


@pytest.mark.parametrize("size", [1, 2, 3, 7, 10_000])
@pytest.mark.parametrize("head", GOOD.values(), ids=GOOD)
def test_a_head_that_can_be_read_passes_however_it_is_cut(head, size):
    parts = body_of((head, b"--a\r\n\r\n--"), (head, b""))

    feed(b"before the first\r\n\r\n" + parts + b"behind the last\r\n\r\n", size)


@pytest.mark.parametrize("size", [1, 2, 3, 7, 10_000])
@pytest.mark.parametrize("head", BAD.values(), ids=BAD)
def test_a_head_that_cannot_be_read_is_found_however_it_is_cut(head, size):
    with pytest.raises(ParseError):
        feed(body_of((TITLE, b"x"), (head, b"y")), size)


def test_a_head_without_an_end_is_not_kept():
    with pytest.raises(ParseError, match="longer than 1000 bytes"):
        feed(b"--b\r\n" + b"x" * 2_000, 10)


@pytest.mark.urls("apps.common.tests.sample_api")
@pytest.mark.django_db
class TestRequests:
    @pytest.mark.parametrize("head", BAD.values(), ids=BAD)
    def test_nothing_is_written_and_the_reason_is_named(self, api, owner, project, head):
        body = body_of((TITLE, b"a title"), (head, b"y"))

        response = api(owner).generic("POST", URL, body, FORM)

        assert (response.status_code, response.json()["code"]) == (400, "parse_error")
        assert "Content-" in response.json()["detail"]
        assert Task.objects.count() == 0

    @pytest.mark.parametrize("text", ["Größe".encode("cp1252"), "設計".encode("cp932"), "x".encode("utf-16"), b"\x00"])
    def test_a_text_that_is_not_utf_8_is_rejected_by_name(self, api, owner, project, text):
        response = api(owner).generic("POST", URL, body_of((TITLE, text)), FORM)

        assert (response.status_code, response.json()["code"]) == (400, "parse_error")
        assert Task.objects.count() == 0

    @pytest.mark.parametrize("text", ["Größe", "設計", "\ufffd"])
    def test_every_text_in_utf_8_is_kept(self, api, owner, project, text):
        response = api(owner).generic("POST", URL, body_of((TITLE, text.encode())), FORM)

        assert (response.status_code, response.json()["title"]) == (201, text), response.json()

    def test_a_field_with_a_name_in_utf_8_is_reported_by_it(self, api, owner, project):
        named = 'Content-Disposition: form-data; name="Größe"'.encode()

        response = api(owner).generic("POST", URL, body_of((TITLE, b"x"), (named, b"y")), FORM)

        assert [error["pointer"] for error in response.json()["errors"]] == ["/Größe"]

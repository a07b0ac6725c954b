"""What a client calls a file, and what the list, the history and the download call it (REAL-CASES row 05)."""

from __future__ import annotations

from urllib.parse import quote, unquote

import pytest

from apps.projects.models import Activity
from apps.tasks.attachments.tests import files

# As they stand between the quotes of `filename="…"`
NAMES = {
    "orders&notes.txt": "orders&notes.txt",
    "price&region.txt": "price&region.txt",
    "R&amp;D.txt": "R&amp;D.txt",
    "\u0645\u06cc\u200c\u062e.txt": "\u0645\u06cc\u200c\u062e.txt",
    "\U0001f468\u200d\U0001f469\u200d\U0001f467.txt": "\U0001f468\u200d\U0001f469\u200d\U0001f467.txt",
    "Bild 9.41.03\u202fAM.txt": "Bild 9.41.03 AM.txt",
    "say %22hi%22.txt": 'say "hi".txt',
    'say \\"hi\\".txt': 'say "hi".txt',
    "a;b.txt": "a;b.txt",
    "a%0D%0Ab.txt": "ab.txt",
    "../../etc/passwd.txt": "passwd.txt",
    "..\\\\..\\\\windows\\\\win.txt": "win.txt",
    "C:\\\\temp\\\\a.txt": "a.txt",
    "a\x00b.txt": "ab.txt",
    "a\x1b[31mb.txt": "a[31mb.txt",
    "a\u202etxt.b.txt": "atxt.b.txt",
    "cafe\u0301.txt": "cafe\u0301.txt",
    "a.txt...": "a.txt",
    "<b>.txt": "<b>.txt",
    "日本語 🎉.txt": "日本語 🎉.txt",
    "x" * 2_000 + ".txt": "x" * 251 + ".txt",
    "語" * 1_000 + ".txt": "語" * 251 + ".txt",
    "=cmd|' /C calc'!A0.csv": "C calc'!A0.csv",
}


def send(client, task, parameters: bytes, content: bytes = b"hello"):
    head = b'--b\r\nContent-Disposition: form-data; name="file"; ' + parameters + b"\r\n\r\n"
    body = head + content + b"\r\n--b--\r\n"
    return client.generic("POST", f"/api/tasks/{task.pk}/attachments/", body, "multipart/form-data; boundary=b")


@pytest.mark.parametrize(("sent", "kept"), NAMES.items())
def test_row_05_a_name_is_kept_in_answer_list_history_and_download(api, member, task, media, sent, kept):
    client = api(member)

    response = send(client, task, f'filename="{sent}"'.encode())

    assert (response.status_code, response.json().get("name")) == (201, kept), response.json()
    assert [row["name"] for row in client.get(f"/api/tasks/{task.pk}/attachments/").json()["results"]] == [kept]
    assert Activity.objects.get(verb="attachment_added").changes["attachments"]["to"] == kept
    disposition = client.head(response.json()["url"])["Content-Disposition"]
    assert unquote(disposition.rpartition("''")[2]) == kept
    assert all(name.startswith("attachments/") for name in files.stored(media))


@pytest.mark.parametrize(
    ("parameters", "kept"),
    [
        (b"filename*=UTF-8''na%C3%AFve%00%0d%0a.txt", "naïve.txt"),
        (b"filename*=utf-8'de'%E2%82%AC.txt", "€.txt"),
        (b"filename*=iso-8859-1''%A3.txt", "£.txt"),
        (b"filename=\"a.txt\"; filename*=UTF-8''%C3%A4.txt", "ä.txt"),
        (b"filename=\"=?utf-8?B?w6QudHh0?=\"; filename*=utf-8''%C3%A4.txt", "ä.txt"),  # .NET
        (f"filename*=UTF-8''{quote('語' * 250)}.txt".encode(), "語" * 250 + ".txt"),
        (f"filename=\"x.txt\"; filename*=UTF-8''{quote('🎉' * 251)}.txt".encode(), "🎉" * 251 + ".txt"),
        (b"filename*=UTF-8''..%2F..%2Fetc%2Fpasswd", "passwd"),
        (b"filename=plain.txt", "plain.txt"),
    ],
)
def test_row_05_an_encoded_name_is_read(api, member, task, parameters, kept):
    response = send(api(member), task, parameters)

    assert (response.status_code, response.json().get("name")) == (201, kept), response.json()


@pytest.mark.parametrize(
    "parameters",
    [
        b"filename*=klingon''a.txt",
        b"filename*=UTF-8''Gr%F6%DFe.txt",
        b'filename="\xe4.txt"',
        b'filename="' + b"x" * 20_000 + b'.txt"',
    ],
    ids=["unknown character set", "not in its character set", "not UTF-8", "20,000 characters"],
)
def test_a_name_that_cannot_be_read_is_a_400(api, member, task, media, parameters):
    response = send(api(member), task, parameters)

    assert (response.status_code, response.json()["code"]) == (400, "parse_error")
    assert files.stored(media) == []


def test_a_line_break_in_a_name_makes_no_header(api, member, task):
    response = send(api(member), task, b'filename="a\r\nX-Evil: 1\r\n\r\nb.txt"')

    # The line break ends the part's header, as in any multipart body; what is left of it is the name.
    assert (response.status_code, response.json()["name"]) == (201, '"a')
    answer = api(member).head(response.json()["url"])
    assert answer["Content-Disposition"] == "attachment; filename=\"_a\"; filename*=UTF-8''%22a"
    assert "X-Evil" not in answer

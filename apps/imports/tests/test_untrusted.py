"""Archives and JSON of strangers: read, or a clear answer, and cheap either way (contract IM7)."""

from __future__ import annotations

import io
import stat
import struct
import zipfile

import pytest

from apps.common.errors import ValidationError
from apps.imports.sources.json_texts import depth_of, read_json
from apps.imports.sources.zips import MAX_ENTRIES, SafeZip


def packed(*entries, compression=zipfile.ZIP_DEFLATED):
    """Return a zip with these entries: pairs of a name (or ZipInfo) and bytes."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", compression) as archive:
        for name, content in entries:
            archive.writestr(name, content)
    return out.getvalue()


def linked():
    info = zipfile.ZipInfo("link")
    info.external_attr = (stat.S_IFLNK | 0o777) << 16
    return packed((info, b"/etc/passwd"))


def patched(data, mark, at, value):
    """Return the archive with a 16-bit number of its first header with this mark replaced."""
    place = data.index(mark) + at
    return data[:place] + struct.pack("<H", value) + data[place + 2 :]


PLAIN = packed(("a.txt", b"one\ntwo\n"))
TWICE = packed(("a.txt", b"one"), ("b.txt", b"two")).replace(b"b.txt", b"a.txt")
BAD_CHECKSUM = packed(("a.txt", b"one two three"), compression=zipfile.ZIP_STORED).replace(b"two three", b"two thrii")
UNSAFE = {
    "parent": packed(("../a.txt", b"")),
    "parent inside": packed(("a/../../b", b"")),
    "absolute": packed(("/etc/passwd", b"")),
    "backslash": packed(("..\\a.txt", b"")),
    "drive": packed(("C:a.txt", b"")),
    "nul": packed(("a.txt/../b", b"")).replace(b"a.txt/../b", b"a.txt\0../b"),
    "link": linked(),
    "twice": TWICE,
    "encrypted": patched(PLAIN, b"PK\x01\x02", 8, 1),
    "strange method": patched(PLAIN, b"PK\x01\x02", 10, 99),
    "later version": patched(PLAIN, b"PK\x01\x02", 6, 99),
    "too many": packed(*((f"{n}", b"") for n in range(MAX_ENTRIES + 1))),
    "no zip": b"PK\x03\x04" + bytes(200),
    "cut": PLAIN[:-10],
    "empty": b"",
}


@pytest.mark.parametrize("data", UNSAFE.values(), ids=UNSAFE)
def test_im7_an_archive_that_is_not_safe_is_not_opened(data):
    with pytest.raises(ValidationError) as caught:
        SafeZip(data)

    assert [(error.pointer, error.code) for error in caught.value.errors] == [("/file", "unsupported_file")]


# What it says of its size is not believed: the bytes are counted
BOMB = packed(("a.txt", bytes(5 * 1024**2)))
LYING = BOMB.replace(struct.pack("<L", 5 * 1024**2), struct.pack("<L", 1000))
UNREADABLE = {
    "bomb": BOMB,
    "two halves": packed(("a.txt", bytes(700_000)), ("b.txt", bytes(700_000))),
    "lying": LYING,
    "wrong checksum": BAD_CHECKSUM,
    "other local header": PLAIN.replace(b"PK\x03\x04", b"PK\x03\x05"),
}


@pytest.mark.parametrize("data", UNREADABLE.values(), ids=UNREADABLE)
def test_im7_an_archive_that_unpacks_to_too_much_or_not_at_all_is_rejected(data):
    with pytest.raises(ValidationError) as caught:
        archive = SafeZip(data)
        for name in archive.names:
            for _ in archive.chunks(name):
                pass

    assert caught.value.errors[0].code == "unsupported_file"


def test_im7_the_lines_of_an_archive_are_read_one_by_one(settings):
    texts = {
        "utf-8": "Ä\n\n{1}\u2028\r\n".encode(),
        "marked": b"\xef\xbb\xbf" + "Ä\n{1}\u2028".encode(),
        "utf-16": "\ufeffÄ\n{1}\u2028\n".encode("utf-16-le"),
    }
    archive = SafeZip(packed(*texts.items(), ("none/", b"")))

    assert archive.names == list(texts)
    for name in texts:
        assert [line.strip("\r\n") for line in archive.lines(name)] == ["Ä", "{1}\u2028"]


@pytest.mark.parametrize("content", [b"x" * 1024**2 + b"\n", "Ä".encode("latin-1"), b"\xff\xfex"])
def test_im7_lines_that_are_no_text_or_too_long_are_rejected(content):
    with pytest.raises(ValidationError):
        list(SafeZip(packed(("a.txt", content), ("noise", bytes(range(256)) * 100))).lines("a.txt"))


def test_im7_what_is_unpacked_of_tables_has_a_limit_of_its_own(settings):
    settings.IMPORT_MAX_BYTES = 1000

    with pytest.raises(ValidationError):
        SafeZip(packed(("a.txt", b"x" * 10_001))).text("a.txt")


@pytest.mark.parametrize(
    ("data", "value"),
    [
        (b'{"a": 1, "a": 2}', {"a": 2}),
        (b'\xef\xbb\xbf{"a": "\\u00e4"}', {"a": "ä"}),
        ('\ufeff["ä"]'.encode("utf-16-be"), ["ä"]),
        ('["ä"]'.encode("cp1252"), ["ä"]),
        (b"[1" + b"0" * 5000 + b"]", ["1" + "0" * 5000]),
        (b"[1e999, -1e999, 1.5]", ["1e999", "-1e999", 1.5]),
        (b"[" * 32 + b"]" * 32, None),
        (b'["' + b"[" * 100 + b'\\"[", 1]', ["[" * 100 + '"[', 1]),
        (b'["\\ud800", "a\\u0000", {"\\udfff": 1}]', ["", "a", {"": 1}]),
    ],
)
def test_im7_json_of_many_kinds_is_read(data, value):
    found = read_json(data)

    assert value is None or found == value


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{",
        b"[NaN]",
        b"[-Infinity]",
        b"[" * 33 + b"]" * 33,
        b"[" * 10_000 + b"]" * 10_000,
        b'{"a":' * 100_000,
        b'"' + b'\\"' * 100_000,
        b"PK\x03\x04" + bytes(100),
    ],
)
def test_im7_what_is_no_json_is_a_clear_error(data):
    with pytest.raises(ValidationError) as caught:
        read_json(data)

    assert caught.value.errors[0].code == "unsupported_file"


def test_im7_the_depth_of_json_does_not_count_brackets_in_texts():
    assert depth_of(r'[{"a[[[": "]]]\"[[["}, []]') == 2

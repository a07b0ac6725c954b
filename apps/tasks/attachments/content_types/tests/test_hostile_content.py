"""Recognising types: whatever the bytes are, the answer is a type or a rejection, in bounded time and memory."""

from __future__ import annotations

import random
import struct
import time
import zipfile
from pathlib import Path

import pytest

from apps.tasks.attachments.content_types import ENDINGS
from apps.tasks.attachments.tests.files import (
    PDF,
    TEXT,
    compound,
    heic,
    image,
    open_document,
    open_xml,
    seven_zip,
    webp,
    zipped,
)

SAMPLES = {
    ".png": image("PNG"),
    ".jpg": image("JPEG"),
    ".gif": image("GIF"),
    ".webp": webp(lossless=True),
    ".tiff": image("TIFF"),
    ".heic": heic(),
    ".pdf": PDF,
    ".txt": TEXT,
    ".csv": "ä;ö\r\n".encode("utf-16"),
    ".json": b'{"a": [1, {"b": [[]]}, "\\u00e9", -1.5e-3, true]}',
    ".zip": zipped(("a", b"b" * 100), comment=b"hello"),
    ".7z": seven_zip(),
    ".doc": compound("1Table", "WordDocument"),
    ".odt": open_document(".odt"),
    ".docx": open_xml(".docx"),
}


@pytest.mark.parametrize("ending", SAMPLES)
def test_damaged_files_are_judged_and_never_break_the_judge(judge, ending):
    good, dice = SAMPLES[ending], random.Random(ending)
    media_type = judge("a" + ending, good)
    assert media_type in ENDINGS[ending]
    outcomes = set()
    for _ in range(400):
        content = bytearray(good)
        for _ in range(dice.randint(1, 4)):
            place = dice.randrange(len(content) or 1)
            match dice.randrange(4):
                case 0:
                    content[place : place + 1] = dice.randbytes(1)
                case 1:
                    del content[place : place + dice.randint(1, 20)]
                case 2:
                    content[place:place] = dice.randbytes(dice.randint(1, 20))
                case _:
                    content[place : place + 4] = dice.choice([b"\x00" * 4, b"\xff" * 4])
        outcomes.add(judge("a" + ending, bytes(content) or b"\x00"))
    assert outcomes <= {media_type, "type_not_allowed", "extension_mismatch"} | ENDINGS[ending]


@pytest.mark.parametrize("ending", SAMPLES)
def test_a_file_cut_off_anywhere_is_judged(judge, ending):
    for length in range(1, len(SAMPLES[ending]), max(1, len(SAMPLES[ending]) // 300)):
        judge("a" + ending, SAMPLES[ending][:length])


def directory_of(count: int) -> bytes:
    """Return an archive whose directory names its one entry `count` times."""
    local = struct.pack("<4s5H3L2H", b"PK\x03\x04", 20, 0, 0, 0, 0, 0, 0, 0, 1, 0) + b"a"
    entry = struct.pack("<4s6H3L5H2L", b"PK\x01\x02", 20, 20, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0) + b"a"
    shown = min(count, 0xFFFF)
    end = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, shown, shown, len(entry) * count, len(local), 0)
    return local + entry * count + end


def tiff_of(count: int) -> bytes:
    """Return a TIFF with `count` tags, each of which points to nine megabytes."""
    tags = b"".join(struct.pack("<HHLL", number, 7, 9_000_000, 8) for number in range(count))
    return b"II*\x00\x08\x00\x00\x00" + struct.pack("<H", count) + tags + bytes(9_100_000)


PNG, GIF = image("PNG"), image("GIF")
BOMBS = {
    "json, empty lists": (".json", b"[" + b"[]," * 3_400_000 + b"1]"),
    "json, deep lists": (".json", b"[" + b"[[[[]]]]," * 1_100_000 + b"1]"),
    "json, one string": (".json", b'"' + b"\\n" * 5_000_000 + b'"'),
    "json, brackets": (".json", b"[" * 10_000_000),
    "json, quotes": (".json", b'"' * 10_000_000),
    "json, numbers": (".json", b"[" + b"1," * 5_000_000 + b"1]"),
    "json, one number": (".json", b"1" * 10_000_000),
    "json in UTF-16": (".json", ("[" + "1," * 2_000_000 + "1]").encode("utf-16")),
    "zip, entries": (".zip", zipped(*((f"{n}", b"") for n in range(60_000)), method=zipfile.ZIP_STORED)),
    "zip, directory": (".zip", directory_of(130_000)),
    "zip, longer directory": (".zip", directory_of(200_000)),
    "zip, ends": (".zip", b"PK\x03\x04" + b"PK\x05\x06" * 2_000_000),
    "png, chunks": (".png", PNG[:33] + b"\x00\x00\x00\x00tEXt\x5f\x75\xf4\x5c" * 800_000 + PNG[-12:]),
    "png, brackets behind it": (".png", PNG + b"<" * 9_900_000),
    "png, ends of archives behind it": (".png", PNG + b"PK\x05\x06" * 2_400_000),
    "gif, blocks": (".gif", GIF[:-1] + b"\x21\xfe" + b"\x01a" * 4_900_000 + b"\x00\x3b"),
    "jpeg, markers": (".jpg", b"\xff\xd8\xff\x00" + b"\xd0\xff" * 4_900_000),
    "jpeg, junk": (".jpg", b"\xff\xd8\xff\xe0\x00\x02" + b"a" * 9_900_000),
    "heic, boxes": (".heic", heic(more=b"\x00\x00\x00\x08free" * 1_200_000)),
    "heic, one box": (".heic", heic(more=b"\xff\xff\xff\xfffree" + bytes(9_900_000))),
    "tiff, tags": (".tif", tiff_of(65_535)),
    "pdf, numbers": (".pdf", b"%PDF-1.4\n" + b"1 " * 5_000_000),
    "pdf, blanks": (".pdf", b"%PDF-1.4\n1" + b" " * 9_900_000),
    "pdf, ends": (".pdf", b"%PDF-1.4\n1 0 obj\n" + b"%%EOF" * 1_900_000),
    "word, streams": (".doc", compound(*(f"s{n}" for n in range(400)))),
    "text, one line": (".txt", b"a" * 10_000_000),
    "text, brackets of tags": (".txt", b"<" * 10_000_000),
    "text, blanks": (".txt", b" " * 10_000_000),
    "text, comments": (".txt", b"<!---->" * 1_400_000),
    "text, open comments": (".txt", b"<!--" * 2_500_000),
    "text, document types": (".txt", b"<!doctype a [" + b"] " * 4_900_000),
    "text, open document types": (".txt", b"<!doctype a[" * 800_000),
    "text, instructions": (".txt", b"<?a ?>" * 1_600_000),
    "mail, zeros": (".eml", b"From: a\n" + bytes(9_900_000)),
    "zeros": (".dat", bytes(10_000_000)),
}


@pytest.mark.no_cover  # a loop over ten million bytes takes three times as long while it is traced
@pytest.mark.parametrize("bomb", BOMBS)
def test_ten_megabytes_of_anything_are_judged_in_bounded_time_and_memory(judge, bomb, seconds_a_pass):
    ending, content = BOMBS[bomb]
    _peak()
    before, began = _peak(), time.process_time()

    outcome = judge("a" + ending, content)

    seconds, grown = time.process_time() - began, _peak() - before
    passes = seconds / seconds_a_pass
    print(f"{bomb}: {len(content):,} bytes, {outcome}, {seconds:.2f} s, {passes:.1f} passes, {grown:,} bytes of memory")
    assert passes < 60  # the slowest takes 20
    assert grown < 150_000_000


@pytest.fixture
def seconds_a_pass():
    """Return the CPU time of one plain loop over ten million bytes: what this machine needs for it now."""
    began, total = time.process_time(), 0
    for byte in bytes(10_000_000):
        total += byte
    return time.process_time() - began


def _peak() -> int:
    """Return the most bytes that this process has held since it was last asked."""
    (line,) = [line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM")]
    Path("/proc/self/clear_refs").write_text("5")
    return int(line.split()[1]) * 1_024

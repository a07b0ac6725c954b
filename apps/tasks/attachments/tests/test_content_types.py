"""Telling types apart: whatever the bytes are, the answer is a type or a refusal."""

from __future__ import annotations

import json
import random
import time
import zipfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apps.common.errors import ValidationError
from apps.tasks.attachments.content_types import ENDINGS, identify
from apps.tasks.attachments.content_types.json_syntax import MAX_DEPTH, is_json
from apps.tasks.attachments.tests.files import PDF, TEXT, image, open_document, open_xml, webp, zipped
from scripts.local.slowness import slowness

SAMPLES = {
    ".png": image("PNG"),
    ".jpg": image("JPEG"),
    ".gif": image("GIF"),
    ".webp": webp(lossless=True),
    ".pdf": PDF,
    ".txt": TEXT,
    ".csv": "ä;ö\r\n".encode("utf-16"),
    ".json": b'{"a": [1, {"b": [[]]}, "\\u00e9", -1.5e-3, true]}',
    ".zip": zipped(("a", b"b" * 100), comment=b"hello"),
    ".odt": open_document(".odt"),
    ".docx": open_xml(".docx"),
}


def judged(path: Path, content: bytes, name: str) -> str:
    """Return the media type, or the code of the refusal."""
    path.write_bytes(content)
    try:
        return identify(path, name=name)
    except ValidationError as error:
        return error.errors[0].code


@pytest.mark.parametrize("ending", SAMPLES)
def test_damaged_files_are_judged_and_never_break_the_judge(tmp_path, ending):
    good, dice = SAMPLES[ending], random.Random(ending)
    media_type = judged(tmp_path / "file", good, "a" + ending)
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
        outcomes.add(judged(tmp_path / "file", bytes(content) or b"\x00", "a" + ending))
    assert outcomes <= {media_type, "type_not_allowed", "extension_mismatch"} | ENDINGS[ending]


@pytest.mark.parametrize("ending", SAMPLES)
def test_a_file_cut_off_anywhere_is_judged(tmp_path, ending):
    for length in range(1, len(SAMPLES[ending])):
        judged(tmp_path / "file", SAMPLES[ending][:length], "a" + ending)


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(), inner, max_size=5),
    max_leaves=20,
)


@given(VALUES, st.sampled_from([None, 1]), st.booleans())
def test_whatever_python_writes_is_json(value, indent, ascii_only):
    assert is_json(json.dumps(value, indent=indent, ensure_ascii=ascii_only).encode("utf-8", "surrogatepass"))


@settings(max_examples=300)
@given(VALUES, st.data())
def test_json_with_a_slip_is_what_python_takes_it_for(value, data):
    text = json.dumps(value)
    place = data.draw(st.integers(0, len(text)))
    text = text[:place] + data.draw(st.sampled_from('[]{},:"1a \\n-0.etrufalsn')) + text[place + 1 :]

    assert is_json(text.encode()) == _python_takes(text)


def _python_takes(text: str) -> bool:
    def refuse(name: str) -> None:
        raise ValueError(name)

    try:
        json.loads(text, parse_constant=refuse)
    except ValueError:
        return False
    return True


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"[" * MAX_DEPTH + b"]" * MAX_DEPTH, True),
        (b"[" * (MAX_DEPTH + 3) + b"]" * (MAX_DEPTH + 3), False),
        (b"[[[1]}", False),
        (b'[{"a":[[1]]]', False),
        (b"[[[1]]] x", False),
        (b"[[[]]" + b",[[[]]]" * 400_000 + b"]", False),
    ],
    ids=["deep", "too deep", "closed wrongly", "closed wrongly, object", "something behind", "too many steps"],
)
def test_deep_and_crooked_json(content, expected):
    assert is_json(content) is expected


BOMBS = {
    "empty lists": (".json", b"[" + b"[]," * 3_400_000 + b"1]"),
    "deep lists": (".json", b"[" + b"[[[[]]]]," * 1_100_000 + b"1]"),
    "one string": (".json", b'"' + b"\\n" * 5_000_000 + b'"'),
    "brackets": (".json", b"[" * 10_000_000),
    "entries": (".zip", zipped(*((f"{n}", b"") for n in range(60_000)), method=zipfile.ZIP_STORED)),
    "last records": (".zip", b"PK\x03\x04" + b"PK\x05\x06" * 2_000_000),
    "chunks": (".png", image("PNG")[:33] + b"\x00\x00\x00\x00tEXt\x00\x00\x00\x00" * 800_000 + image("PNG")[-12:]),
    "blocks": (".gif", image("GIF")[:-1] + b"\x21\xfe" + b"\x01a" * 4_900_000 + b"\x00\x3b"),
    "markers": (".jpg", b"\xff\xd8\xff" + b"\xd0\xff" * 4_900_000),
    "fill bytes": (".jpg", b"\xff\xd8" + b"\xff" * 9_900_000),
    "one line": (".txt", b"a" * 10_000_000),
    "brackets of tags": (".txt", b"<" * 10_000_000),
    "blanks": (".txt", b" " * 10_000_000),
}


@pytest.mark.parametrize("bomb", BOMBS)
def test_ten_megabytes_of_anything_are_judged_in_bounded_time(tmp_path, bomb):
    ending, content = BOMBS[bomb]
    began = time.process_time()

    outcome = judged(tmp_path / "file", content, "a" + ending)

    seconds = time.process_time() - began
    print(f"{bomb}: {len(content):,} bytes, {outcome}, {seconds:.2f} s")
    assert seconds < 5 * slowness()

"""Whether bytes are JSON: the same answer as Python's own reader gives, on every Python (FIRST-HOUR D2)."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apps.tasks.attachments.content_types.json_syntax import BLOCK, MAX_DEPTH, is_json

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
    def reject(name: str) -> None:
        raise ValueError(name)

    try:
        json.loads(text, parse_constant=reject)
    except ValueError:
        return False
    return True


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"[null, [[]]]", True),  # False on Python 3.11.2 once
        (b"[1,]", False),  # True on Python 3.11.2 once
        (b'{"a": 1,}', False),
        (b'{"a": 1, 2}', False),
        (b'{"a": [], 1}', False),
        (b"01", False),
        (b"1 2", False),
        (b"nul l", False),
        (b"1.", False),
        (b"\\n", False),
        (b'"C:\\\\users"', True),
        (b'"\\u12g4"', False),
        (b'"\\x"', False),
        (b'"a\nb"', False),
        (b'"a\tb"', False),
        (b'"\x7f"', True),
        (b"[\x02]", False),
        (b"\x03", False),
        (b"", False),
        (b"[" * MAX_DEPTH + b"]" * MAX_DEPTH, True),
        (b"[" * (MAX_DEPTH + 3) + b"]" * (MAX_DEPTH + 3), False),
        (b"[[[1]}", False),
        (b'[{"a":[[1]]]', False),
        (b"[[[1]]] x", False),
        (b"[[[]]" + b",[[[]]]" * 40_000 + b"]", True),
        (b"[" + b"1234567890.5e-3, " * (BLOCK // 5) + b"1]", True),
        (b"[" + b"true,\n" * BLOCK + b"null]", True),
        (b"1" * (3 * BLOCK), True),
        (b"1" * (3 * BLOCK) + b".", False),
    ],
    ids=lambda value: repr(value[:30]) if isinstance(value, bytes) else "",
)
def test_d2_json_is_json_on_every_python(content, expected):
    assert is_json(content) is expected

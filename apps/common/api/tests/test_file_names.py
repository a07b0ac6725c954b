"""Names of files on their way in and out (REAL-CASES row 05)."""

from __future__ import annotations

import re
from urllib.parse import unquote

import pytest
from django.utils.http import parse_header_parameters
from hypothesis import given
from hypothesis import strategies as st

from apps.common.api.file_names import MAX_LENGTH, attachment_disposition, clean_file_name

SPACES = "\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000"
DIRECTIONS = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
KEPT_AS_SENT = [
    "orders&notes.txt",
    "price&region.txt",
    "R&amp;D.txt",
    "a&#x2f;b&sol;c&lt;d.txt",
    "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645.txt",  # Persian, with a non-joiner
    "\u0d28\u0d4d\u200d.txt",  # Malayalam, with a joiner
    "\U0001f468\u200d\U0001f469\u200d\U0001f467.png",  # a family of three
    "\u2764\ufe0f.png",
    "\U0001f3f4\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f.png",  # the flag of England
    "cafe\u0301.txt",  # decomposed, as macOS has it
    "日本語 🎉.txt",
    "100%.txt",
    "50%25.txt",
    "%2e%2e%2fa.txt",
    "a+b=c;d.txt",
    "it's.txt",
    "<b>.txt",
    "CON.txt",
    ".profile",
    "a  b.txt",
    "soft\u00adhyphen.txt",
]


@pytest.mark.parametrize("name", KEPT_AS_SENT)
def test_row_05_a_name_is_kept_as_it_was_sent(name):
    assert clean_file_name(name) == name


@pytest.mark.parametrize("space", SPACES)
def test_row_05_every_kind_of_space_becomes_a_space(space):
    assert clean_file_name(f"Screenshot 9.41.03{space}AM.png") == "Screenshot 9.41.03 AM.png"


@pytest.mark.parametrize("mark", DIRECTIONS + "\x00\x07\t\n\r\x1b\x7f\x85\x9f\u2028\u2029\u200b\ufeff")
def test_row_05_control_and_direction_characters_go(mark):
    assert clean_file_name(f"a{mark}txt.exe") == "atxt.exe"


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("say %22hi%22.txt", 'say "hi".txt'),
        ("a%0D%0Ab.txt", "ab.txt"),
        ("a%0d%0ab.txt", "ab.txt"),
        ("..%22/..%22.txt", '..".txt'),
        ("../../etc/passwd.txt", "passwd.txt"),
        ("..\\..\\windows\\win.txt", "win.txt"),
        ("C:\\temp\\a.txt", "a.txt"),
        ("a.txt...", "a.txt"),
        ("a.txt\u00a0.\u3000", "a.txt"),
        ("  a b.txt  ", "a b.txt"),
    ],
)
def test_row_05_what_could_deceive_is_undone(sent, kept):
    assert clean_file_name(sent) == kept


@pytest.mark.parametrize("sent", ["", "..", " . ", "a/", "\\", "\u202e", "\u200d\u200c", "%0D%0A", "\ufeff ", "a/."])
def test_a_name_of_nothing_is_no_name(sent):
    assert clean_file_name(sent) == ""


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("x" * 2_000 + ".txt", "x" * 251 + ".txt"),
        ("ä" * 300 + ".tar.gz", "ä" * 252 + ".gz"),
        ("x" * 250 + ".   " + "y" * 20 + ".txt", "x" * 250 + ".txt"),
        ("x." + "y" * 300, "x." + "y" * 253),
        ("." + "y" * 300, "." + "y" * 254),
        ("x" * 255, "x" * 255),
    ],
)
def test_a_long_name_is_shortened_before_its_ending(sent, kept):
    assert clean_file_name(sent) == kept


@given(st.text(max_size=400))
def test_a_clean_name_is_clean_and_stays_so(sent):
    name = clean_file_name(sent)

    assert len(name) <= MAX_LENGTH
    assert not re.search(r"[/\\\x00-\x1f\x7f]", name)
    assert "%" in name or clean_file_name(name) == name


@pytest.mark.parametrize(
    ("name", "fallback"),
    [
        ("plain.txt", "plain.txt"),
        ("a;b=c.txt", "a;b=c.txt"),
        ("naïve €.txt", "naive _.txt"),
        ("日本.txt", "__.txt"),
        ("ｆｕｌｌ.txt", "full.txt"),
        ('say "hi" \\ now.txt', "say _hi_ _ now.txt"),
        ("100%41.txt", "100_41.txt"),
        ("\u2100.txt", "a_c.txt"),  # one sign that decomposes into a path
        ("\U0001f468\u200d\U0001f469.png", "___.png"),
        ("cafe\u0301.txt", "cafe.txt"),
    ],
)
def test_a_download_names_the_file_in_ascii_and_as_it_is(name, fallback):
    header = attachment_disposition(name)

    assert header.startswith(f"attachment; filename=\"{fallback}\"; filename*=UTF-8''")
    assert unquote(header.rpartition("''")[2]) == name


@given(st.text(max_size=255))
def test_a_header_reads_back_as_the_name_and_has_no_line_end(name):
    header = attachment_disposition(name.encode("utf-8", "replace").decode())

    assert header.isascii()
    assert header.isprintable()
    assert parse_header_parameters(header)[1]["filename"] == name.encode("utf-8", "replace").decode()

"""CSV for people (REAL-CASES row 11): umlauts in Excel, no formulas, CRLF."""

from __future__ import annotations

import io
from datetime import datetime, timedelta, timezone

import pytest

from apps.common.text.spreadsheet_csv import cell, text_of_cell, write_table


def written(*rows):
    target = io.StringIO(newline="")
    write_table(target, rows)
    return target.getvalue()


def test_row_11_the_table_begins_with_one_byte_order_mark():
    assert written(["title"], ["Änderung"]).encode() == b"\xef\xbb\xbftitle\r\n\xc3\x84nderung\r\n"


def test_row_11_a_table_without_rows_is_still_marked():
    assert written().encode() == b"\xef\xbb\xbf"


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20"])
def test_row_11_what_a_spreadsheet_would_run_is_defused(start):
    assert cell(f"{start}HYPERLINK(1)") == f"'{start}HYPERLINK(1)"


@pytest.mark.parametrize("blank", [" ", "\u00a0", "\u3000 "])
def test_row_11_blanks_before_a_formula_do_not_hide_it(blank):
    assert cell(f"{blank}=1+1") == f"'{blank}=1+1"


@pytest.mark.parametrize("value", ["a=b", "x-y", "'quoted'", "", "naïve", " text"])
def test_other_text_stays_as_it_is(value):
    assert cell(value) == value


@pytest.mark.parametrize("value", ["=1+1", "+49 170", "- a list", "@ann", "\t=1", "a=b", "'quoted'", "'", ""])
def test_row_11_what_was_defused_is_read_as_it_was(value):
    assert text_of_cell(cell(value)) == value


def test_numbers_stay_numbers():
    assert written([-5, 2.5, None, True]) == "\ufeff-5,2.5,,true\r\n"


def test_instants_are_in_utc():
    assert cell(datetime(2026, 5, 1, 12, tzinfo=timezone(timedelta(hours=2)))) == "2026-05-01T10:00:00Z"


def test_quotes_and_line_ends_stay_inside_their_cell():
    assert written(['say "hi"\nand go', "b"]) == '\ufeff"say ""hi""\nand go",b\r\n'

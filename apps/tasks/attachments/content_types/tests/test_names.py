"""What an ending says, and what it does not (REAL-CASES row 06)."""

from __future__ import annotations

import pytest

from apps.tasks.attachments.content_types.endings import ACTIVE_ENDINGS, OTHER_ENDINGS, TEXT_ENDINGS
from apps.tasks.attachments.content_types.images import PNG
from apps.tasks.attachments.content_types.texts import PLAIN
from apps.tasks.attachments.tests import files

NOT = "extension_mismatch"
NAMES_THAT_SAY_NOTHING = [
    "Protokoll 12.05.2026",
    "Minutes of the 3. meeting",
    "notes v1.2",
    "app.log.1",
    "app.log.2026-11-20",
    "Backup 10.30 Uhr",
    "README",
    ".profile",
    "Makefile",
    "a.b.c.d",
    "report.final",
    "settings.bak",
    "main.c",
    "notes.rst~",
    "tutor.ko",
    "Mr. Smith",
    "1.000.000",
]


@pytest.mark.parametrize("name", NAMES_THAT_SAY_NOTHING)
def test_row_06_an_ending_that_nobody_knows_contradicts_nothing(judge, name):
    assert judge(name, files.TEXT) == PLAIN
    assert judge(name, files.image("PNG")) == PNG


@pytest.mark.parametrize("ending", sorted(TEXT_ENDINGS))
def test_row_06_plain_text_is_called_many_things(judge, ending):
    assert judge(f"a{ending}", files.TEXT) == PLAIN
    assert judge(f"A{ending.upper()}", files.TEXT) == PLAIN
    assert judge(f"a{ending}", files.image("PNG")) == NOT


@pytest.mark.parametrize("ending", sorted(ACTIVE_ENDINGS))
def test_pages_scripts_and_programs_are_rejected_by_name_whatever_they_contain(judge, ending):
    for content in (files.TEXT, files.image("PNG"), files.PDF, files.zipped(("a", b"b"))):
        assert judge(f"a{ending}", content) == NOT


@pytest.mark.parametrize("ending", sorted(OTHER_ENDINGS))
def test_endings_of_known_formats_that_are_not_accepted_contradict(judge, ending):
    assert judge(f"a{ending}", files.TEXT) == NOT


@pytest.mark.parametrize(
    "name",
    [
        "photo.jpg.exe",
        "photo.EXE",
        "photo.exe.",
        "photo.exe . .",
        "photo.exe:stream.txt",
        "photo.exe::$DATA",
        "photo.txt:evil.exe",
        "photo.\uff45\uff58\uff45",  # full width
        "photo.e\u200dxe",  # a joiner, which stays in names
        "photo.e\u00adxe",
        "page.html",
        "page.HTM",
        "image.svg",
        "sheet.xlsm",
    ],
)
def test_an_ending_of_a_program_is_found_however_it_is_written(judge, name):
    assert judge(name, files.TEXT) == NOT


def test_the_tables_say_each_ending_once():
    assert not TEXT_ENDINGS & ACTIVE_ENDINGS
    assert not TEXT_ENDINGS & OTHER_ENDINGS
    assert not ACTIVE_ENDINGS & OTHER_ENDINGS

"""PDF: what readers open, with a few other bytes before and behind."""

from __future__ import annotations

import re

from apps.tasks.attachments.content_types.rejection import (
    PAGE,
    PROGRAM,
    Data,
    Rejected,
    damaged,
    ends_with_archive,
)

PDF = "application/pdf"
REACH = 1_024  # bytes in which readers look for the header: ISO 32000-1, annex H, note 13
HEADER = re.compile(rb"%PDF-\d|%!PS-Adobe-\d\.\d PDF-\d")
OBJECT = re.compile(rb"\d[\x00\t\n\f\r ]{1,8}obj\b")
SCRIPT_BEFORE = re.compile(rb"\s*(?:/[*/]|<)")
END = b"%%EOF"
SLACK = 64  # bytes; behind an archive that is one of the PDF's own attachments lies more


def pdf_type(data: Data) -> str | None:
    """Return PDF's type, None for what does not begin as one. Raises Rejected for two natures and broken files."""
    header = HEADER.search(data[:REACH])
    if header is None:
        return None
    first = OBJECT.search(data, header.end())
    if first is None:
        raise damaged("a PDF")
    before = data[: header.start()]
    if PROGRAM.match(before) or SCRIPT_BEFORE.match(before):
        raise Rejected("The file is a program or a script as well as a PDF.")
    end = data.rfind(END)
    if PAGE.search(data[: first.start()][: 2 * REACH]) or (end >= 0 and PAGE.search(data, end)):
        raise Rejected("The file is a page as well as a PDF.")
    if ends_with_archive(data, slack=SLACK):
        raise Rejected("The file is an archive as well as a PDF.")
    return PDF

"""PDF: begins and ends as one and is nothing else beside it."""

from __future__ import annotations

import re

from apps.tasks.attachments.content_types.refusal import Data, damaged, refuse_second_nature

PDF = "application/pdf"
HEADER = re.compile(rb"%PDF-[12]\.\d")
TAIL = 2_048  # bytes in which readers look for the end mark


def pdf(data: Data) -> str:
    """Return PDF's type: a header with a version and an end mark, ISO 32000-1 §7.5.2 and §7.5.5."""
    if not HEADER.match(data) or b"%%EOF" not in data[-TAIL:]:
        raise damaged("a PDF")
    refuse_second_nature(data)
    return PDF

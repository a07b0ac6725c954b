"""What a label may be called."""

from __future__ import annotations

import unicodedata

from apps.common.text.normal_form import normal_form

CONTROL = {"Cc", "Zl", "Zp"}  # categories of Unicode: control characters, separators of lines and of paragraphs
FAULTS = {"invalid_characters": "A name has no control characters.", "blank": "A name may not be blank."}


def name_fault(name: str) -> str | None:
    """Return the code of what is wrong with a trimmed name, see FAULTS; None for a good one."""
    if any(unicodedata.category(character) in CONTROL for character in name):
        return "invalid_characters"
    return None if normal_form(name).strip() else "blank"  # nothing but what is invisible

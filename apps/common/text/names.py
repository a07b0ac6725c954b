"""What no name of a thing holds, whoever gives it: a label, a project, a view, a token, a feed."""

from __future__ import annotations

import unicodedata

from apps.common.text.normal_form import normal_form

# Bidi_Control of the Unicode Character Database: they show `exe.txt` where the name says `txt.exe`
DIRECTIONS = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
CONTROLS = frozenset({"Cc", "Zl", "Zp"})  # control characters, and line and paragraph separators

FAULTS = {
    "invalid_characters": "Control and direction characters are not allowed.",
    "blank": "A name may not be blank.",
}


def is_control(character: str) -> bool:
    """Return whether it is a control character, or ends a line or paragraph."""
    return unicodedata.category(character) in CONTROLS


def name_fault(name: str) -> str | None:
    """Return the code of what is wrong with a trimmed name, see FAULTS; None for a good one.

    A name stands in one line, shows something, and does not rewrite the text around it.
    """
    if any(character in DIRECTIONS or is_control(character) for character in name):
        return "invalid_characters"
    return None if normal_form(name).strip() else "blank"  # nothing but what is invisible

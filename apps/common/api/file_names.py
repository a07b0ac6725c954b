"""Names of files: what is kept of a name that a client sends, and how a download gives it back."""

from __future__ import annotations

import re
import unicodedata
from urllib.parse import quote

from apps.common.text.names import DIRECTIONS, is_control

MAX_LENGTH = 255  # characters; what file systems and the database's column hold
ENDING_LENGTH = 32  # characters; what is longer is no ending worth keeping when a name is shortened

# What a form's file name has instead of a quote and line ends (HTML, "multipart form data" encoding).
FORM_ESCAPES = {"%22": '"', "%0d": "\r", "%0a": "\n"}
FORM_ESCAPE = re.compile("|".join(FORM_ESCAPES), re.IGNORECASE)
INVISIBLE_SPACES = frozenset("\u200b\ufeff")  # they only hide that two names differ; joiners are spelling and stay
ATTR_CHARS = "!#$&+-.^_`|~"  # RFC 5987 §3.2.1, besides letters and digits


def clean_file_name(sent: str) -> str:
    """Return the name to keep of one that a client sent, or "" when nothing visible is left of it.

    Folders, control and direction characters go, and blanks and dots at the end; every kind of space
    becomes a space; what is longer than MAX_LENGTH loses characters before its ending.
    """
    name = FORM_ESCAPE.sub(lambda match: FORM_ESCAPES[match[0].lower()], sent)
    name = re.split(r"[/\\]", name)[-1]
    name = "".join(map(_kept, name)).strip().rstrip(". ")
    if len(name) > MAX_LENGTH:
        name = _shortened(name)
    return name if any(unicodedata.category(character)[0] not in "CZ" for character in name) else ""


def _kept(character: str) -> str:
    if is_control(character) or character in DIRECTIONS or character in INVISIBLE_SPACES:
        return ""
    return " " if unicodedata.category(character) == "Zs" else character


def _shortened(name: str) -> str:
    stem, _, ending = name.rpartition(".")
    if not stem or len(ending) > ENDING_LENGTH:
        return name[:MAX_LENGTH].rstrip(". ")
    return stem[: MAX_LENGTH - len(ending) - 1].rstrip(". ") + f".{ending}"


def attachment_disposition(name: str) -> str:
    """Return the Content-Disposition of a download called `name`, as RFC 6266 appendix D recommends.

    `filename` is what old clients understand: ASCII, without the characters that they read in
    different ways. `filename*` is the name itself.
    """
    return f"attachment; filename=\"{_in_ascii(name)}\"; filename*=UTF-8''{quote(name, safe=ATTR_CHARS)}"


def _in_ascii(name: str) -> str:
    letters = (character for character in unicodedata.normalize("NFKD", name) if not unicodedata.combining(character))
    return re.sub(r"[^ -~]|[\"\\%/]", "_", "".join(letters))

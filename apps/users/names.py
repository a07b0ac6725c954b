"""What may stand in a name: usernames, and the names that others are shown."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from zoneinfo import available_timezones

from django.core.exceptions import ValidationError

USERNAME = re.compile(r"[\w.+-]+\Z")
# Format characters that are part of words and emoji: zero-width non-joiner and joiner
ALLOWED_FORMAT = "\u200c\u200d"
REFUSED_CATEGORIES = {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"}
# Files of a system's zoneinfo folder that are no zones of the IANA database
NO_ZONES = {"localtime", "Factory", "posixrules"}


def normalize_username(value: str) -> str:
    """Return the compatibility form (NFKC), so that look-alike code points are one name."""
    return unicodedata.normalize("NFKC", value)


def validate_username(value: str) -> None:
    """Refuse what is no letter, digit or one of `.`, `+`, `-`, `_`: no space, control or bidi character, no `@`."""
    if not USERNAME.match(value):
        raise ValidationError("Use letters, digits and the characters . + - _ only.", code="invalid_username")
    if normalize_username(value) != value:
        raise ValidationError("Use the plain form of the letters.", code="invalid_username")


def validate_shown_name(value: str) -> None:
    """Refuse control and bidi characters: they would let a name rewrite the text around it."""
    for character in value:
        if character not in ALLOWED_FORMAT and unicodedata.category(character) in REFUSED_CATEGORIES:
            raise ValidationError("Control and direction characters are not allowed.", code="invalid_characters")


@lru_cache(maxsize=1)
def _zones() -> frozenset[str]:
    return frozenset(available_timezones() - NO_ZONES)


def validate_timezone(value: str) -> None:
    """Refuse what is no zone of the IANA database."""
    if value not in _zones():
        raise ValidationError("Give an IANA time zone, such as Europe/Berlin.", code="invalid_timezone")

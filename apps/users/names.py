"""What may stand in a name: usernames, and the names that others are shown."""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from zoneinfo import available_timezones

from django.core.exceptions import ValidationError

from apps.common.text.gone import is_name_of_deleted
from apps.common.text.normal_form import has_invisible

USERNAME_SIGNS = ".+-_"
# Format characters that are part of words and emoji: zero-width non-joiner and joiner
ALLOWED_FORMAT = "\u200c\u200d"
REJECTED_CATEGORIES = {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"}
# Files of a system's zoneinfo folder that are no zones of the IANA database
NO_ZONES = {"localtime", "Factory", "posixrules"}


def validate_username(value: str) -> None:
    """Reject what is no letter, digit or one of `.`, `+`, `-`, `_`: no space, control or bidi character, no `@`.

    Letters of every script with their marks; what looks like others (full width, ligatures) is judged as those.
    """
    form = unicodedata.normalize("NFKC", value)
    is_good = all(each in USERNAME_SIGNS or unicodedata.category(each)[0] in "LNM" for each in form)
    if not form or not is_good or unicodedata.category(form[0])[0] == "M" or has_invisible(value):
        raise ValidationError("Use letters, digits and the characters . + - _ only.", code="invalid_username")
    if is_name_of_deleted(form):
        raise ValidationError("Names of this form belong to accounts that were deleted.", code="invalid_username")


def validate_shown_name(value: str) -> None:
    """Reject control and bidi characters: they would let a name rewrite the text around it."""
    for character in value:
        if character not in ALLOWED_FORMAT and unicodedata.category(character) in REJECTED_CATEGORIES:
            raise ValidationError("Control and direction characters are not allowed.", code="invalid_characters")


@lru_cache(maxsize=1)
def _zones() -> frozenset[str]:
    return frozenset(available_timezones() - NO_ZONES)


def validate_timezone(value: str) -> None:
    """Reject what is no zone of the IANA database."""
    if value not in _zones():
        raise ValidationError("Give an IANA time zone, such as Europe/Berlin.", code="invalid_timezone")

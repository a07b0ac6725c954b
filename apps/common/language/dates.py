"""Days and times as they are written in the active language."""

from __future__ import annotations

from datetime import date, datetime

from django.utils.dateformat import format as formatted
from django.utils.translation import pgettext_lazy

# In Django's letters (https://docs.djangoproject.com/en/5.2/ref/templates/builtins/#date): as English writes them, and
# in the catalogue what other languages make of it
FORMS = {
    "D j": pgettext_lazy("date", "D j"),
    "D j M": pgettext_lazy("date", "D j M"),
    "D j M, H:i": pgettext_lazy("date", "D j M, H:i"),
    "D j M Y": pgettext_lazy("date", "D j M Y"),
    "D j M Y, H:i": pgettext_lazy("date", "D j M Y, H:i"),
    "F Y": pgettext_lazy("date", "F Y"),
    "j F Y": pgettext_lazy("date", "j F Y"),
    "j M": pgettext_lazy("date", "j M"),
    "j M Y": pgettext_lazy("date", "j M Y"),
    "j M Y, H:i": pgettext_lazy("date", "j M Y, H:i"),
    "l j F Y": pgettext_lazy("date", "l j F Y"),
    "l j F Y, H:i": pgettext_lazy("date", "l j F Y, H:i"),
    "l, j F": pgettext_lazy("date", "l, j F"),
}


def written(day: date | datetime, form: str) -> str:
    """Return a day or a local time in one of FORMS, with the words, order and dots of the active language."""
    return formatted(day, str(FORMS[form]))

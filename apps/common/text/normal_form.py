"""The form in which texts are compared: NFKC, full case folding, nothing invisible (Unicode's NFKC_Casefold).

`Straße` equals `STRASSE`, composed letters equal decomposed ones, full width equals half width, a
final sigma equals any other.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Any

from django.db.models import BooleanField, Expression, Func, TextField, Value

from apps.common.text.tables import INVISIBLE, character_class

_INVISIBLE = re.compile(f"[{character_class(INVISIBLE)}]+")


def normal_form(text: str) -> str:
    """Return the form in which `text` is compared; the form of a form is itself.

    The function `normal_form` in PostgreSQL returns the same for every character that both know.
    """
    if text.isascii():
        return text.lower()
    visible = unicodedata.normalize("NFKC", _INVISIBLE.sub("", text))
    return unicodedata.normalize("NFKC", visible.casefold())


def has_invisible(text: str) -> bool:
    """Return whether `text` has characters that the normal form leaves out."""
    return _INVISIBLE.search(text) is not None


class NormalForm(Func):
    """The same in SQL: of a column, for an index and the condition that uses it, or of a value.

    `NormalForm("name")`, `UniqueConstraint(NormalForm("name"), ...)`.
    """

    function = "normal_form"
    arity = 1

    def __init__(self, text: Any) -> None:
        super().__init__(text, output_field=TextField())


class IsSame(Func):
    """Whether a column and a text have one normal form; an index on `NormalForm(column)` serves it.

    PostgreSQL makes both forms, as it made those of the index.
    """

    conditional = True
    template = "%(expressions)s"
    arg_joiner = " = "

    def __init__(self, column: str, text: str | Expression) -> None:
        given = text if isinstance(text, Expression) else Value(text, TextField())
        super().__init__(NormalForm(column), NormalForm(given), output_field=BooleanField())

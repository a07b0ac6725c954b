"""The order in which people expect text: that of the Unicode root collation, in ORDER BY, index and cursor alike.

PostgreSQL has it from ICU, which a build may leave out and whose versions differ. The key is made by a function of our
own instead and compared by bytes: `Ärger` is beside `Arger`, `apple` before `Apple` before `banana`, `2` before `a`.
"""

from __future__ import annotations

from typing import Any

from django.db.models import Func, TextField


class SortKey(Func):
    """The key that a text is sorted by; ties are left to whatever the order names next."""

    template = '(sort_key(%(expressions)s) COLLATE "C")'
    arity = 1

    def __init__(self, text: Any) -> None:
        super().__init__(text, output_field=TextField())

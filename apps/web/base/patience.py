"""The time that a page may take to read what a filter asks for, as long as the API's lists (contract FI6)."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

from django.conf import settings
from django.db import OperationalError, transaction

from apps.common.lists.reads import too_costly
from apps.common.transactions import sqlstate_of
from apps.tasks.table.sending import CANCELED, limit_time

F = TypeVar("F", bound=Callable[..., Any])
COMPOSED = ("filter", "view")  # parameters with shapes without end, each with its own cost


def within_filter_limit(read: F) -> F:
    """Let no statement of a method of a page take longer than FILTER_TIMEOUT_MS, where the query has a filter.

    The method reads and renders. UnprocessableError `filter_too_costly` for one that takes longer.
    """

    @wraps(read)
    def reading(page: Any, *args: Any, **kwargs: Any) -> Any:
        if not any(page.request.GET.get(name, "").strip() for name in COMPOSED):
            return read(page, *args, **kwargs)
        try:
            with transaction.atomic():
                limit_time(settings.FILTER_TIMEOUT_MS)
                return read(page, *args, **kwargs)
        except OperationalError as error:
            if sqlstate_of(error) == CANCELED:
                raise too_costly() from None
            raise

    return reading  # type: ignore[return-value]

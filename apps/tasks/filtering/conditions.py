"""The SQL of each kind of test. Every condition may be null, which counts as false."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db.models import BooleanField, Func, Q
from django.db.models.functions import Now

from apps.common.text.normal_form import IsSame
from apps.common.text.words import SearchWords, Words, WordsColumn
from apps.tasks.filtering.binding import Binder
from apps.tasks.filtering.days import Day
from apps.tasks.models import SEARCHED, WORDS_COLUMN, overdue

LOOKUPS = {"=": "exact", "<": "lt", "<=": "lte", ">": "gt", ">=": "gte"}


class IsNotTrue(Func):
    """The opposite of a condition, in which null counts as false."""

    conditional = True
    template = "(%(expressions)s) IS NOT TRUE"

    def __init__(self, condition: Q) -> None:
        super().__init__(condition, output_field=BooleanField())


class OneOfIds:
    """A column is one of the ids that the values stand for."""

    def __init__(self, column: str) -> None:
        self.column = column

    def __call__(self, operator: str, operands: Sequence[Any], bind: Binder) -> Q:
        if operator == "empty":
            return Q(**{f"{self.column}__isnull": True})
        return bind.ids(self.column, sorted({pk for ids in operands for pk in ids}))


class Number:
    """A column compared with a number, or with one of several."""

    def __init__(self, column: str) -> None:
        self.column = column

    def __call__(self, operator: str, operands: Sequence[int], bind: Binder) -> Q:
        if operator == "empty":
            return Q(**{f"{self.column}__isnull": True})
        if operator == "in":
            return bind.ids(self.column, operands)
        return Q(**{f"{self.column}__{LOOKUPS[operator]}": bind.value(operands[0])})


class Moment:
    """A column of instants compared with an instant or a local day."""

    def __init__(self, column: str) -> None:
        self.column = column

    def __call__(self, operator: str, operands: Sequence[Day | datetime], bind: Binder) -> Q:
        if operator == "empty":
            return Q(**{f"{self.column}__isnull": True})
        (given,) = operands
        bind.shape.append(type(given).__name__)
        if isinstance(given, Day):
            return within(self.column, operator, given, bind)
        return Q(**{f"{self.column}__{LOOKUPS[operator]}": bind.value(given)})


def within(column: str, operator: str, day: Day, bind: Binder) -> Q:
    """Return the condition that the local day of a column's instant compares so with `day`."""
    match operator:
        case "=":
            return Q(**{f"{column}__gte": bind.value(day.start), f"{column}__lt": bind.value(day.end)})
        case "<":
            return Q(**{f"{column}__lt": bind.value(day.start)})
        case "<=":
            return Q(**{f"{column}__lt": bind.value(day.end)})
        case ">":
            return Q(**{f"{column}__gte": bind.value(day.end)})
    return Q(**{f"{column}__gte": bind.value(day.start)})


def title(operator: str, operands: Sequence[str], bind: Binder) -> Q:
    """The title as a whole, or words in it: the index knows them together with those of the description."""
    (text,) = operands
    if operator == "=":
        return Q(IsSame("title", bind.value(text)))
    words = bind.words(Words.parse(text))
    return words.indexed_in(WordsColumn(WORDS_COLUMN)) & words.found_in(SearchWords("title"), "title")


def text(operator: str, operands: Sequence[str], bind: Binder) -> Q:
    """All words in title or description, as the list's `search`."""
    return bind.words(Words.parse(operands[0])).found_in(WordsColumn(WORDS_COLUMN), *SEARCHED)


def is_overdue() -> Q:
    """Past the due date and neither done nor archived."""
    return overdue(now=Now())


def is_archived() -> Q:
    """Archived itself or with its project."""
    return Q(archived_at__isnull=False) | Q(project__archived_at__isnull=False)


def has_files() -> Q:
    """With files."""
    return Q(attachments_count__gt=0)


def has_comments() -> Q:
    """With comments that are not deleted."""
    return Q(comments_count__gt=0)

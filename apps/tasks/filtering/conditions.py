"""The SQL of each kind of test. Every condition may be null, which counts as false."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import reduce
from operator import and_, or_
from typing import Any

from django.db.models import BooleanField, Exists, Func, OuterRef, Q
from django.db.models.functions import Now

from apps.common.text.normal_form import IsSame
from apps.common.text.words import SearchWords, Words, WordsColumn
from apps.notifications.models import Notification
from apps.notifications.scopes import readable
from apps.projects.models import Membership
from apps.tasks.filtering.binding import Binder
from apps.tasks.filtering.days import Day
from apps.tasks.models import (
    SEARCHED,
    WORDS_COLUMN,
    Relation,
    TaskLabel,
    Watch,
    WatchLevel,
    open_task,
    overdue,
    watched_by,
)
from apps.tasks.search import HasWordsWhereSeen
from apps.tasks.subtasks.tree import IsBelow

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


class Due(Moment):
    """When a task is due: a day compares with the day of an all-day task, wherever that ends (contract FI2, DU6)."""

    def __init__(self) -> None:
        super().__init__("due_date")

    def __call__(self, operator: str, operands: Sequence[Day | datetime], bind: Binder) -> Q:
        condition = super().__call__(operator, operands, bind)
        if operator == "empty" or not isinstance(operands[0], Day):
            return condition
        by_day = Q(**{f"due_on__{LOOKUPS[operator]}": bind.value(operands[0].day)})
        return by_day | (Q(due_on__isnull=True) & condition)


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
    return _indexed(words, bind) & words.found_in(SearchWords("title"), "title")


def text(operator: str, operands: Sequence[str], bind: Binder) -> Q:
    """All words in title or description, as the list's `search`."""
    words = bind.words(Words.parse(operands[0]))
    return _indexed(words, bind) & words.parts_in(*SEARCHED)


def _indexed(words: Words, bind: Binder) -> Q:
    """Return the condition on the words of a task; what leaves few tasks is looked up in one project after the other.

    Beside an alternative, or in the negative, no index serves, and the words without their projects cost less.
    """
    return Q(HasWordsWhereSeen(words.query)) if bind.is_required else words.indexed_in(WordsColumn(WORDS_COLUMN))


def label(operator: str, operands: Sequence[Sequence[int]], bind: Binder) -> Q:
    """Carries a label of one of the values, or of each of them for `all`; `empty` without labels."""
    carried = TaskLabel.objects.filter(task=OuterRef("pk"))
    if operator == "empty":
        return ~Q(Exists(carried))
    sets = operands if operator == "all" else [sorted({pk for ids in operands for pk in ids})]
    return reduce(and_, (Q(Exists(carried.filter(bind.ids("label_id", ids)))) for ids in sets))


def subtree(operator: str, operands: Sequence[Sequence[int]], bind: Binder) -> Q:
    """Below one of the tasks, at whatever depth."""
    (roots,) = operands
    bind.shape.append(len(roots))
    return reduce(or_, (Q(IsBelow(bind.value(pk))) for pk in roots))


def watcher(operator: str, operands: Sequence[Sequence[int]], bind: Binder) -> Q:
    """Watched by one of the people: their level for the task is `all`, or they have none and created or have it.

    The list of watchers (contract WA5): levels of whole projects are nobody else's business.
    """
    people = sorted({pk for ids in operands for pk in ids})
    rows = Watch.objects.filter(task=OuterRef("pk"), level=WatchLevel.ALL)
    own = Watch.objects.filter(task=OuterRef(OuterRef("pk")), user=OuterRef("user_id"))
    theirs = Q(user=OuterRef("assigned_to_id")) | Q(user=OuterRef("created_by_id"))
    members = Membership.objects.filter(theirs, ~Exists(own), project=OuterRef("project_id"))
    return Q(Exists(rows.filter(bind.ids("user_id", people)))) | Q(Exists(members.filter(bind.ids("user_id", people))))


def is_overdue(bind: Binder) -> Q:
    """Past the due date and neither done nor archived."""
    return overdue(now=Now())


def is_blocked(bind: Binder) -> Q:
    """Open, and blocked by a task that is open (contract DE6)."""
    return open_task() & Q(Exists(Relation.objects.open_blockers_of(OuterRef("pk"))))


def is_blocking(bind: Binder) -> Q:
    """Open, and blocks a task that is open."""
    return open_task() & Q(Exists(Relation.objects.open_blocked_by(OuterRef("pk"))))


def is_watching(bind: Binder) -> Q:
    """Watched by the reader."""
    return watched_by(bind.user)


def is_unread(bind: Binder) -> Q:
    """With a notification that the reader has not read in the app."""
    return unread_by(bind.user)


def unread_by(user: Any) -> Q:
    """Return the condition that a person has not read a notification of a task in the app."""
    return Q(Exists(Notification.objects.of(user).unread().filter(readable(user), task_id=OuterRef("pk"))))


def is_archived(bind: Binder) -> Q:
    """Archived itself or with its project."""
    return Q(archived_at__isnull=False) | Q(project__archived_at__isnull=False)


def is_root(bind: Binder) -> Q:
    """Below no other task."""
    return Q(parent__isnull=True)


def has_files(bind: Binder) -> Q:
    """With files."""
    return Q(attachments_count__gt=0)


def has_comments(bind: Binder) -> Q:
    """With comments that are not deleted."""
    return Q(comments_count__gt=0)

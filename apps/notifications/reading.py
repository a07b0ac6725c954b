"""Render notifications in bulk, one query per group of kinds."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Any, NamedTuple

from django.db import InterfaceError, OperationalError

from apps.common.language.texts import gettext, in_one_language
from apps.notifications import scopes
from apps.notifications.kinds import KINDS
from apps.notifications.listed import ListedRow
from apps.notifications.models import Notification
from apps.notifications.user_text import unmarked

NO_CHANGES: Mapping[str, Any] = {}  # one for all rows: lists write it once
Row = Notification | ListedRow  # kinds find the same in both
logger = logging.getLogger(__name__)


class Reading(NamedTuple):
    """What the app shows of a row; `changes` as they were stored."""

    title: str
    body: str
    changes: Mapping[str, Any]


def load(rows: Sequence[Notification], *, for_mail: bool = False) -> dict[int, Any]:
    """Return {row id: subject}, with one call per family; an exception as subject is the row's own.

    Sets each row's `people`, in one query all who are named in the words of any row. `for_mail` loads what
    `reason_to_withhold` needs as well.
    """
    known = scopes.people(_named(rows))
    for row in rows:
        row.people = known
    return _subjects(rows, for_mail=for_mail)


def _subjects(rows: Sequence[Row], *, for_mail: bool = False) -> dict[int, Any]:
    return {pk: subject for family in _families(rows) for pk, subject in _load(family, for_mail=for_mail).items()}


def _named(rows: Sequence[Notification]) -> set[int]:
    """Return the ids of the actors and whom the kinds name; a row whose data is broken names nobody else."""
    found = {row.actor_id for row in rows if row.actor_id is not None}
    for row in rows:
        if kind := KINDS.get(row.kind):
            with suppress(Exception):  # making its words will fail as well, and be notified of
                found.update(who for who in kind.people_named(row) if type(who) is int)
    return found


def _families(rows: Sequence[Row]) -> Iterator[list[Any]]:
    """Yield the rows that one loader takes together."""
    of_kind: dict[str, list[Row]] = {}
    for row in rows:
        of_kind.setdefault(row.kind, []).append(row)
    families: dict[Any, list[Row]] = {}
    for name, found in of_kind.items():
        if kind := KINDS.get(name):
            loaders = (kind.load.__func__, kind.load_for_mail.__func__)  # type: ignore[attr-defined]
            families.setdefault(loaders, []).extend(found)
    yield from families.values()


def _load(rows: list[Any], *, for_mail: bool) -> dict[int, Any]:
    """Load a family; when one row breaks it, load them one by one and keep the error for that row."""
    kind = KINDS[rows[0].kind]
    try:
        return dict(kind.load_for_mail(rows) if for_mail else kind.load(rows))
    except (OperationalError, InterfaceError):
        raise
    except Exception as error:  # noqa: BLE001 - any bug of a kind concerns its row alone
        if len(rows) == 1:
            return {rows[0].pk: error}
    return {pk: subject for row in rows for pk, subject in _load([row], for_mail=for_mail).items()}


def read(rows: Sequence[Notification]) -> list[Reading]:
    """Return what the recipient of each row is shown; `row.recipient` is already loaded."""
    return _readings(rows, load(rows))


def read_listed(rows: Sequence[ListedRow]) -> list[Reading]:
    """Return the same for rows of a list, which know their people."""
    return _readings(rows, _subjects(rows))


def _readings(rows: Sequence[Row], subjects: Mapping[int, Any]) -> list[Reading]:
    with in_one_language():
        return [_reading(row, subjects.get(row.id)) for row in rows]


def _reading(row: Any, subject: Any) -> Reading:
    """Return the words; of what is gone or not visible nothing but the kind."""
    kind = KINDS.get(row.kind)
    if kind is None or subject is None:
        title = str(kind.label) if kind else row.kind
        return Reading(title, gettext("It is no longer there."), NO_CHANGES)
    try:
        if isinstance(subject, Exception):
            raise subject
        title, lines = kind.summary(row, subject)
    except (OperationalError, InterfaceError):
        raise
    except Exception:
        logger.exception("Notification %s (%s) cannot be read", row.pk, row.kind)
        return Reading(str(kind.label), "", NO_CHANGES)
    return Reading(unmarked(title), unmarked("\n\n".join(lines)), row.data.get("changes", NO_CHANGES))

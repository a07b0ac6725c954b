"""Rows of the table of expectations: what each actor is answered for each relation to a thing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from config.tests.access.world import ACTORS, OUTSIDE, REJECTED, ROLES

Answers = Mapping[str, int]  # actor -> status
Body = Callable[[Mapping[str, int]], Any]  # ids of the relation -> JSON body


@dataclass(frozen=True)
class Row:
    """What one operation answers: relation -> actor -> status, and the body it is asked with."""

    answers: Mapping[str, Answers]
    body: Body = field(default=lambda ids: None)
    form: bool = False  # multipart with a file
    ids: Mapping[str, str] = field(default_factory=dict)  # path parameter -> kind of thing


def by_role(line: str, outside: int = 404) -> Answers:
    """Read `viewer member admin owner`, or `viewer commenter member admin owner` where a commenter is no viewer."""
    statuses = [int(status) for status in line.split()]
    if len(statuses) < len(ROLES):
        statuses.insert(1, statuses[0])
    roles = dict(zip(ROLES, statuses, strict=True))
    return roles | dict.fromkeys(OUTSIDE, outside) | dict.fromkeys(REJECTED, 401)


def everybody(status: int, rejected: int = 401) -> Answers:
    """The same for all who are logged in."""
    return dict.fromkeys(ACTORS, status) | dict.fromkeys(REJECTED, rejected)


NOBODY = everybody(404)


def scoped(
    own: str,
    archived: str,
    body: Body = lambda ids: None,
    *,
    form: bool = False,
    mismatch: str = "404 404 404 404",
    **ids: str,
) -> Row:
    """A thing below a project. `mismatch`: the child of another parent under one's own."""
    answers = {"own": by_role(own), "archived": by_role(archived), "foreign": NOBODY, "absent": NOBODY}
    if len(ids) > 1:  # two ids in the path that do not belong together
        answers |= {"mismatch": by_role(mismatch), "swapped": NOBODY}
    return Row(answers, body, form, ids)


def personal(status: int, body: Body = lambda ids: None, **ids: str) -> Row:
    """A thing of the caller's own."""
    answers = {"mine": everybody(status)}
    if ids:
        answers |= {"foreign": NOBODY, "absent": NOBODY}
    return Row(answers, body, ids=ids)


def public(status: int, body: Body = lambda ids: None) -> Row:
    """The same for the whole world, whatever the header says."""
    return Row({"mine": everybody(status, status)}, body)

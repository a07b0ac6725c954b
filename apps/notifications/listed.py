"""Rows of the list in the app: what the kinds ask of a notification, without a model instance for each."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from apps.notifications.models import People

OWN = 8  # columns that a ListedRow takes as they are; the data as text, the actor and the subject follow


@dataclass(slots=True)
class ListedRow:
    """A row of the outbox as a kind sees it; `actor` is a person as JSON, or None."""

    data: dict[str, Any]
    subject: Any
    recipient: Any
    people: People
    actor: str | None
    id: int
    reader_id: int
    kind: str
    actor_id: int | None
    project_id: int | None
    task_id: int | None
    created_at: datetime
    read_at: datetime | None

    @property
    def pk(self) -> int:
        """Return the id, by the name that it has in models."""
        return self.id

    @property
    def recipient_id(self) -> int:
        """Return whose it is, by the column's name."""
        return self.reader_id


def listed(found: Sequence[tuple[Any, ...]], recipient: Any) -> list[ListedRow]:
    """Return rows of one person, from the columns of `with_texts` and `beside_rows`; `people` has who did it."""
    known: dict[str, Any] = {}  # most rows of a page say what others say as well
    people: dict[int, Any] = {}
    rows = []
    for values in found:
        data, actor, subject = values[OWN], values[OWN + 1], values[OWN + 2 :]
        if data not in known:
            known[data] = json.loads(data)
        if actor is not None and values[3] not in people:
            people[values[3]] = json.loads(actor)
        shown = subject if subject and subject[0] is not None else None
        rows.append(ListedRow(known[data], shown, recipient, people, actor, *values[:OWN]))
    return rows

"""What became of the tasks of a change, or would: as the look ahead and the page of a batch show it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from apps.batches.items import Item
from apps.batches.models import BatchItem
from apps.common.language.problems import translated
from apps.notifications.kinds import Change
from apps.tasks.models import Task
from apps.tasks.wording import changes_in_words
from apps.users.models import User
from apps.users.people import people
from apps.web.tasks.history import people_named


@dataclass(frozen=True)
class OutcomeRow:
    """One task; `title` is empty for one that the reader does not see (any more)."""

    item: BatchItem | Item
    title: str
    changes: list[Change]

    @property
    def key(self) -> str:
        """Return the key that the task had before, for one that moves."""
        moved = (self.item.changes or {}).get("key", {})
        return str(moved.get("from") or self.item.task_key)

    @property
    def error(self) -> str:
        """Return why it stays as it is."""
        return translated(str((self.item.error or {}).get("detail", "")))


def outcome_rows(items: Iterable[BatchItem | Item], *, reader: User) -> list[OutcomeRow]:
    """Return the items with titles and with their changes in words."""
    found = list(items)
    titles = dict(Task.objects.visible_to(reader).filter(pk__in=_ids(found)).values_list("pk", "title"))
    named = people({pk for item in found for pk in people_named(item.changes or {})})
    return [
        OutcomeRow(
            item,
            titles.get(item.task_id or 0, ""),
            list(changes_in_words(_without_key(item), people=named, zone=reader.timezone)),
        )
        for item in found
    ]


def _ids(items: list[BatchItem | Item]) -> list[int]:
    return [item.task_id for item in items if item.task_id is not None]


def _without_key(item: BatchItem | Item) -> dict[str, Any]:
    """Return the changes but the key, which stands in front; none of a task that comes or goes with all its fields."""
    changes = item.changes or {}
    is_whole = "title" in changes and None in changes["title"].values()
    return {} if is_whole else {name: change for name, change in changes.items() if name != "key"}

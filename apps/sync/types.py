"""The types of objects that a copy has, in the order in which a snapshot brings them (contract SY3)."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple


class SyncType(StrEnum):
    """What an object of a copy is."""

    PROJECT = "project"
    MEMBER = "member"
    LABEL = "label"
    TASK = "task"
    COMMENT = "comment"
    RELATION = "relation"
    ATTACHMENT = "attachment"
    VIEW = "view"

    @property
    def rank(self) -> int:
        """Return its place in a snapshot, and among the objects of one event."""
        return RANKS[self]


RANKS = {sync_type: rank for rank, sync_type in enumerate(SyncType)}
BY_RANK = tuple(SyncType)
# They go with their task
HANGING = frozenset({SyncType.COMMENT, SyncType.RELATION, SyncType.ATTACHMENT})


class Ref(NamedTuple):
    """An object as an event or a snapshot of `project` names it; a member's id is the person's."""

    project: int
    type: SyncType
    id: int

    @property
    def place(self) -> tuple[int, int]:
        """Return its place within a snapshot, or within one event."""
        return self.type.rank, self.id

"""The kinds of relations as they read from the task in the path, and how they are stored."""

from __future__ import annotations

from dataclasses import dataclass

from apps.tasks.models import READ_FROM_TO, RelationKind

KINDS = {
    "blocks": "It has to be done before the other task can be.",
    "blocked_by": "The other task has to be done before it can be.",
    "relates": "The two have to do with each other.",
    "duplicates": "It says the same as the other task.",
    "duplicated_by": "The other task says the same.",
}
KIND_CHOICES = list(KINDS.items())


@dataclass(frozen=True)
class Link:
    """A relation as it is stored: the kind, and the ids of its two ends in order."""

    kind: RelationKind
    from_id: int
    to_id: int

    @classmethod
    def parse(cls, kind: str, *, here: int, there: int) -> Link:
        """Return what `kind`, seen from the task `here`, is between it and `there`; KeyError for an unknown kind."""
        backward = {name: stored for stored, name in READ_FROM_TO.items()}
        if kind == RelationKind.RELATES:
            return cls(RelationKind.RELATES, min(here, there), max(here, there))
        if kind in backward:
            return cls(backward[kind], there, here)
        return cls({stored.value: stored for stored in RelationKind}[kind], here, there)

    def seen_from(self, task_id: int) -> str:
        """Return the kind as it reads from one of the two ends."""
        return self.kind.value if task_id == self.from_id else READ_FROM_TO[self.kind]

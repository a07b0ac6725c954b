"""What this room announces to those that keep labels by name or id, inside the transaction in which it happens."""

from __future__ import annotations

from dataclasses import dataclass

from apps.common.announcements import Announcement


@dataclass(frozen=True)
class LabelReference:
    """A label as others may have noted it."""

    id: int
    name: str


@dataclass
class Rewritten:
    """How much named the label and names the other one now; listeners add what they rewrote.

    `actor_id` is the person whose act it is: events of what is rewritten name them.
    """

    actor_id: int
    views: int = 0
    webhooks: int = 0


# (project id, the label before, the label after, tally): a label was merged into another, or renamed with the same id.
# The project's row is locked. What belongs to the project is rewritten by name and id, anything else by id.
label_replacing = Announcement[[int, LabelReference, LabelReference, Rewritten]]("label_replacing")

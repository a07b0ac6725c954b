"""Kinds that only the suite knows, so that the outbox is tested without the apps above it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from apps.notifications.kinds import Change, Content, Kind
from apps.notifications.models import Notification


class Poked(Kind):
    """Sent with `data` {"text", "rejection", "gone", "broken"}: what a test wants to see happen."""

    name = "poked"
    label = "Somebody poked you"

    @classmethod
    def load(cls, rows: Sequence[Notification]) -> Mapping[int, Any]:
        return {row.pk: row.data for row in rows if not row.data.get("gone")}

    @classmethod
    def reason_to_withhold(cls, row: Notification, subject: Any) -> str:
        reason_to_withhold: str = subject.get("rejection", "")
        return reason_to_withhold

    @classmethod
    def content(cls, row: Notification, subject: Any) -> Content:
        if subject.get("broken"):
            raise ValueError("these words cannot be made")
        return Content(
            title=subject.get("title", "[WEB-1] You were poked"),
            lines=(subject.get("text", "Somebody poked you."),),
            changes=(Change("Status", "To do", "Done"),),
            why="You get this because you are assigned to the task.",
            path="/tasks/1/",
            action="Open the task",
            thread="task-1",
        )


class QuietlyPoked(Poked):
    """Mail is off by default."""

    name = "quietly_poked"
    label = "Somebody poked you quietly"
    email_default = False


class PokedMyself(Poked):
    """Who asked for it is notified."""

    name = "poked_myself"
    label = "You poked yourself"
    notifies_actor = True


class AccountPoked(Poked):
    """Cannot be switched off."""

    name = "account_poked"
    label = "Account mail"
    mandatory = True


ALL = (Poked, QuietlyPoked, PokedMyself, AccountPoked)

"""What tests ask about the outbox."""

from __future__ import annotations

from apps.notifications.models import Notification
from apps.users.models import User


def kinds_sent_to(user: User) -> list[str]:
    """Return the kinds of the person's notifications, oldest first."""
    return list(Notification.objects.filter(recipient=user).order_by("id").values_list("kind", flat=True))

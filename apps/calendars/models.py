"""Calendar feeds: what calendar programs read by a secret address."""

from __future__ import annotations

from typing import Self

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apps.tasks.models import SavedView

NAME_LENGTH = 80
DIGEST_BYTES = 32  # of a SHA-256


class Components(models.TextChoices):
    """What tasks are in the calendar: events, which all programs show, to-dos, or both."""

    EVENT = "event", _("Events")
    TODO = "todo", _("To-dos")
    BOTH = "both", _("Events and to-dos")


class CalendarFeedQuerySet(models.QuerySet["CalendarFeed"]):
    """Vocabulary of calendar feeds."""

    def live(self) -> Self:
        """Return those that can be read: their owners are active."""
        return self.filter(user__is_active=True)


class CalendarFeed(models.Model):
    """A feed of a person. Of the secret in its address only the SHA-256 is stored (contract IC3).

    The view may be gone: the number stays, and the calendar is empty (IC1).
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="calendar_feeds")
    name = models.CharField(max_length=NAME_LENGTH)
    view = models.ForeignKey(
        SavedView, on_delete=models.DO_NOTHING, null=True, db_constraint=False, db_index=False, related_name="+"
    )
    components = models.CharField(max_length=5, choices=Components.choices, default=Components.EVENT, db_column="as")
    details = models.BooleanField(default=False)
    digest = models.BinaryField(max_length=DIGEST_BYTES, unique=True, editable=False)
    created_at = models.DateTimeField(default=timezone.now)
    last_used_at = models.DateTimeField(null=True)

    objects = CalendarFeedQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(components__in=Components.values), name="calendar_feed_components_known"
            )
        ]

    def __str__(self) -> str:
        return self.name

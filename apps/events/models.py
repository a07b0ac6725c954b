"""Tickets with which a browser opens a stream: it cannot send a header there."""

from __future__ import annotations

from django.conf import settings
from django.db import models


class StreamTicket(models.Model):
    """Stands for its session or API token on one connection. The row holds the digest of what was given out."""

    digest = models.BinaryField(max_length=32, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, db_index=False, related_name="+")
    session = models.ForeignKey("users.Session", on_delete=models.CASCADE, null=True, db_index=False, related_name="+")
    token = models.ForeignKey("tokens.ApiToken", on_delete=models.CASCADE, null=True, db_index=False, related_name="+")
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["digest"], name="stream_ticket_digest_unique"),
            models.CheckConstraint(
                condition=models.Q(session__isnull=True) ^ models.Q(token__isnull=True),
                name="stream_ticket_of_session_or_token",
            ),
        ]
        indexes = [
            models.Index(fields=["expires_at"], name="stream_ticket_by_expiry"),  # the purge
            models.Index(fields=["user"], name="stream_ticket_by_user"),  # what goes with a person
            models.Index(fields=["session"], name="stream_ticket_by_session"),
            models.Index(fields=["token"], name="stream_ticket_by_token"),
        ]

    def __str__(self) -> str:
        return f"Ticket of {self.user_id}"

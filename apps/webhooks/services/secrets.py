"""Changing secrets, and the keys that they are encrypted with."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from apps.common.concurrency import Expected
from apps.common.field_keys import UnreadableError, encrypt, is_newest, rotated
from apps.common.transactions import write
from apps.projects.events import EventType
from apps.users.models import User
from apps.webhooks.models import Webhook
from apps.webhooks.services.locking import announce_change, lock_row, lock_webhook, save_version
from apps.webhooks.signing import new_secret

OVERLAP = timedelta(hours=24)


@write
def rotate_secret(*, actor: User, webhook: Webhook, expected: Expected = None) -> Webhook:
    """Give a webhook a new secret, which the row carries this once; the old one signs along for 24 hours.

    Raises what `lock_webhook` does.
    """
    _, row = lock_webhook(actor, webhook, expected=expected)
    _renew(row, overlap=OVERLAP)
    announce_change(EventType.WEBHOOK_UPDATED, row, {}, actor_id=actor.pk)
    return row


def _renew(row: Webhook, *, overlap: timedelta) -> None:
    secret = new_secret()
    row.old_secret_encrypted = row.secret_encrypted if overlap else None
    row.old_until = timezone.now() + overlap if overlap else None
    row.secret_encrypted = encrypt(secret)
    save_version(row, "secret_encrypted", "old_secret_encrypted", "old_until")
    row.secret = secret


def rotate_keys() -> tuple[int, int]:
    """Encrypt every secret anew that is not under the newest key; return how many were, and how many no key reads."""
    done = unreadable = 0
    for pk in Webhook.objects.order_by("pk").values_list("pk", flat=True):
        try:
            done += _rotate_keys_of(pk)
        except UnreadableError:
            unreadable += 1
    return done, unreadable


@write
def _rotate_keys_of(pk: int) -> bool:
    row = lock_row(pk)
    values = [value for value in (row.secret_encrypted, row.old_secret_encrypted) if value] if row else []
    if row is None or all(map(is_newest, values)):
        return False
    row.secret_encrypted = rotated(row.secret_encrypted)
    row.old_secret_encrypted = rotated(row.old_secret_encrypted) if row.old_secret_encrypted else None
    row.save(update_fields=["secret_encrypted", "old_secret_encrypted"])
    return True


@write
def reset_secrets() -> int:
    """Give every webhook a secret that nobody knows yet: FIELD_KEYS is lost. Return how many there are.

    Receivers accept nothing until an admin of the project has rotated the secret, which shows it.
    """
    rows = list(Webhook.objects.select_for_update(no_key=True).order_by("pk"))
    for row in rows:
        _renew(row, overlap=timedelta(0))
    return len(rows)

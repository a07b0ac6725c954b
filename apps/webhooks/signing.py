"""Secrets and signatures of webhooks: Standard Webhooks 1.0 (contract WH2)."""

from __future__ import annotations

import base64
import secrets as random
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.utils import timezone
from standardwebhooks.webhooks import Webhook as Signer

from apps.common.field_keys import decrypt
from apps.webhooks.models import Webhook

PREFIX = "whsec_"
SECRET_BYTES = 32
USER_AGENT = "Taskhouse-Webhook/1"


def new_secret() -> str:
    """Return a new secret: `whsec_` and 32 bytes in base64."""
    return PREFIX + base64.b64encode(random.token_bytes(SECRET_BYTES)).decode("ascii")


def secrets_of(webhook: Webhook, *, now: datetime) -> list[str]:
    """Return the secrets that sign now, the present one first. Raises UnreadableError."""
    found = [decrypt(webhook.secret_encrypted)]
    if webhook.old_secret_encrypted and webhook.old_until and webhook.old_until > now:
        found.append(decrypt(webhook.old_secret_encrypted))
    return found


def plain_headers(event_id: UUID, *, at: datetime) -> dict[str, str]:
    """Return the headers of an attempt at `at` (UTC), without the signature."""
    return {
        "content-type": "application/json",
        "user-agent": USER_AGENT,
        "webhook-id": str(event_id),
        "webhook-timestamp": str(int(at.timestamp())),
    }


def signed_headers(secrets: Sequence[str], event_id: UUID, body: str) -> dict[str, str]:
    """Return the headers of an attempt now, signed with each of the secrets, see `secrets_of`."""
    now = timezone.now()  # in UTC: `sign` takes the zone for granted
    signatures = [Signer(secret).sign(str(event_id), now, body) for secret in secrets]
    return {**plain_headers(event_id, at=now), "webhook-signature": " ".join(signatures)}

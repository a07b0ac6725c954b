"""The secrets of invitations (contract IN3).

That of the link is random. That of the mail is made again from the row's seed and the installation's key when the
mail goes out, so that no row of the outbox holds it.
"""

from __future__ import annotations

from uuid import UUID

from django.utils.crypto import salted_hmac

from apps.common.secret_links import ALPHABET, LENGTH


def mail_secret(seed: UUID) -> str:
    """Return the secret that belongs to a seed, the same at every attempt to send it."""
    number = int.from_bytes(salted_hmac("invitations.mail", str(seed), algorithm="sha256").digest(), "big")
    digits = []
    for _ in range(LENGTH):
        number, digit = divmod(number, len(ALPHABET))
        digits.append(ALPHABET[digit])
    return "".join(reversed(digits))


def masked(address: str) -> str:
    """Return `a…@example.org` for an address."""
    local, _, domain = address.rpartition("@")
    return f"{local[:1]}…@{domain}"

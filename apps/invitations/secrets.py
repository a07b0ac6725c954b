"""The secrets of invitations: 43 base 62 characters, of which only SHA-256 digests are stored (contract IN3).

The secret of the link is random. That of the mail is made again from the row's seed and the installation's key when the
mail goes out, so that no row of the outbox holds it.
"""

from __future__ import annotations

import hashlib
import secrets
import string
from uuid import UUID

from django.utils.crypto import salted_hmac

ALPHABET = string.digits + string.ascii_uppercase + string.ascii_lowercase
LENGTH = 43  # 62 ** 43 > 2 ** 256
PATTERN = f"[0-9A-Za-z]{{{LENGTH}}}"


def random_secret() -> str:
    """Return a new secret."""
    return "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))


def mail_secret(seed: UUID) -> str:
    """Return the secret that belongs to a seed, the same at every attempt to send it."""
    number = int.from_bytes(salted_hmac("invitations.mail", str(seed), algorithm="sha256").digest(), "big")
    digits = []
    for _ in range(LENGTH):
        number, digit = divmod(number, len(ALPHABET))
        digits.append(ALPHABET[digit])
    return "".join(reversed(digits))


def digest_of(secret: str) -> bytes:
    """Return what is stored of a secret."""
    return hashlib.sha256(secret.encode()).digest()


def masked(address: str) -> str:
    """Return `a…@example.org` for an address."""
    local, _, domain = address.rpartition("@")
    return f"{local[:1]}…@{domain}"

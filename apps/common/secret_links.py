"""Secrets in addresses: 43 base 62 characters, of which only SHA-256 digests are stored (contract IN3, IC3).

Nobody guesses 256 bits, so a slow hash would add nothing.
"""

from __future__ import annotations

import hashlib
import secrets
import string

ALPHABET = string.digits + string.ascii_uppercase + string.ascii_lowercase
LENGTH = 43  # 62 ** 43 > 2 ** 256
PATTERN = f"[0-9A-Za-z]{{{LENGTH}}}"


def random_secret() -> str:
    """Return a new secret."""
    return "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))


def digest_of(secret: str) -> bytes:
    """Return what is stored of a secret."""
    return hashlib.sha256(secret.encode()).digest()

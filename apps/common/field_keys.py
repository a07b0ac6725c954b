"""Encryption of single columns with FIELD_KEYS: the newest key encrypts, every key decrypts (contract WH14).

The last key is always one derived from SECRET_KEY: an installation without FIELD_KEYS has a key too, and still reads
what it encrypted before it set them (docs/decisions/0170-keys-of-columns.md).
"""

from __future__ import annotations

import base64
from functools import lru_cache

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

PURPOSE = b"taskhouse: encryption of columns, 1"  # what sets this key apart from any other made of SECRET_KEY


class UnreadableError(Exception):
    """A value was encrypted under a key that is neither in FIELD_KEYS nor derived from SECRET_KEY."""


def encrypt(text: str) -> str:
    """Return `text` encrypted under the newest key. ImproperlyConfigured for what is no key."""
    return _ring(_keys()).encrypt(text.encode()).decode("ascii")


def decrypt(value: str) -> str:
    """Return what `encrypt` was given. Raises UnreadableError, and ImproperlyConfigured for what is no key."""
    try:
        return _ring(_keys()).decrypt(value.encode("ascii")).decode()
    except InvalidToken:
        raise UnreadableError("No key reads this value.") from None


def is_newest(value: str) -> bool:
    """Return whether a value is encrypted under the newest key."""
    try:
        _ring(_keys()[:1]).decrypt(value.encode("ascii"))
    except InvalidToken:
        return False
    return True


def rotated(value: str) -> str:
    """Return a value encrypted anew under the newest key. Raises as `decrypt`."""
    return encrypt(decrypt(value))


def _keys() -> tuple[str, ...]:
    return (*settings.FIELD_KEYS, _derived(settings.SECRET_KEY))


@lru_cache(maxsize=8)
def _derived(secret: str) -> str:
    key = HKDF(algorithm=SHA256(), length=32, salt=None, info=PURPOSE).derive(secret.encode())
    return base64.urlsafe_b64encode(key).decode("ascii")


@lru_cache(maxsize=8)
def _ring(keys: tuple[str, ...]) -> MultiFernet:
    return MultiFernet([_key(key) for key in keys])


def _key(key: str) -> Fernet:
    try:
        return Fernet(key)
    except ValueError:
        raise ImproperlyConfigured("FIELD_KEYS holds what is no Fernet key: 32 bytes in URL-safe base64.") from None

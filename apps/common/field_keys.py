"""Encryption of single columns with FIELD_KEYS: the newest key encrypts, every key decrypts (contract WH14)."""

from __future__ import annotations

from functools import lru_cache

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured


class UnreadableError(Exception):
    """A value was encrypted under a key that FIELD_KEYS does not hold."""


def encrypt(text: str) -> str:
    """Return `text` encrypted under the newest key. ImproperlyConfigured without a key."""
    return _ring(tuple(settings.FIELD_KEYS)).encrypt(text.encode()).decode("ascii")


def decrypt(value: str) -> str:
    """Return what `encrypt` was given. Raises UnreadableError, and ImproperlyConfigured without a key."""
    try:
        return _ring(tuple(settings.FIELD_KEYS)).decrypt(value.encode("ascii")).decode()
    except InvalidToken:
        raise UnreadableError("FIELD_KEYS has no key for this value.") from None


def is_newest(value: str) -> bool:
    """Return whether a value is encrypted under the newest key."""
    try:
        _ring(tuple(settings.FIELD_KEYS[:1])).decrypt(value.encode("ascii"))
    except InvalidToken:
        return False
    return True


def rotated(value: str) -> str:
    """Return a value encrypted anew under the newest key. Raises as `decrypt`."""
    return encrypt(decrypt(value))


@lru_cache(maxsize=8)
def _ring(keys: tuple[str, ...]) -> MultiFernet:
    if not keys:
        raise ImproperlyConfigured("FIELD_KEYS is not set: without a key no secret can be kept.")
    return MultiFernet([_key(key) for key in keys])


def _key(key: str) -> Fernet:
    try:
        return Fernet(key)
    except ValueError:
        raise ImproperlyConfigured("FIELD_KEYS holds what is no Fernet key: 32 bytes in URL-safe base64.") from None

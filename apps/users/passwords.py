"""Passwords in the one form in which they are hashed and compared (RFC 8265 §4.2, OpaqueString)."""

from __future__ import annotations

import unicodedata


def normal_password(raw: str) -> str:
    """Return the composed form (NFC) with plain spaces: keyboards and systems differ in both."""
    spaced = "".join(" " if unicodedata.category(character) == "Zs" else character for character in raw)
    return unicodedata.normalize("NFC", spaced)


def forms_to_try(raw: str) -> tuple[str, ...]:
    """Return the normal form and, where it differs, what was typed: older hashes were made of that."""
    normal = normal_password(raw)
    return (normal,) if normal == raw else (normal, raw)

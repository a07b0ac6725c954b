"""Who wants to be notified what and where: read, merged and asked in SQL."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from apps.common.errors import FieldError, ValidationError
from apps.notifications.kinds import KINDS, Kind

CHANNELS = ("email", "in_app")

Preferences = Mapping[str, Any]


def optional_kinds() -> dict[str, type[Kind]]:
    """Return the kinds that can be switched off, by name, in alphabetical order."""
    return {name: kind for name, kind in sorted(KINDS.items()) if not kind.mandatory}


def wants(preferences: Preferences, kind: type[Kind], channel: str) -> bool:
    """Return whether a person with these stored `preferences` is notified by `channel` (email or in_app)."""
    if kind.mandatory:
        return channel == "email"
    chosen = preferences.get(kind.name)
    value = chosen.get(channel) if isinstance(chosen, Mapping) else None
    return value if isinstance(value, bool) else default(kind, channel)


def default(kind: type[Kind], channel: str) -> bool:
    """Return what holds while the person has not chosen."""
    return kind.email_default if channel == "email" else True


def shown(preferences: Preferences) -> dict[str, dict[str, bool]]:
    """Return {kind: {"email": bool, "in_app": bool}} for every kind that can be switched off."""
    return {
        name: {channel: wants(preferences, kind, channel) for channel in CHANNELS}
        for name, kind in optional_kinds().items()
    }


def merge(current: Preferences, patch: Any, *, pointer: str = "/notification_preferences") -> dict[str, Any]:
    """Return the stored preferences after a JSON Merge Patch (RFC 7396): null restores the default.

    Raises ValidationError, pointing below `pointer`, for what is no kind, no channel or no boolean.
    """
    if not isinstance(patch, Mapping):
        raise ValidationError.at(pointer, "invalid", "Give an object: {kind: {email, in_app}}.")
    if errors := [error for kind, chosen in patch.items() for error in _errors(pointer, str(kind), chosen)]:
        raise ValidationError(*errors)
    merged = {kind: dict(chosen) for kind, chosen in current.items() if kind in KINDS and isinstance(chosen, Mapping)}
    for kind, chosen in patch.items():
        merged[kind] = {} if chosen is None else merged.get(kind, {}) | dict(chosen)
    kept = {kind: {name: on for name, on in chosen.items() if on is not None} for kind, chosen in merged.items()}
    return {kind: chosen for kind, chosen in kept.items() if chosen}


def _errors(pointer: str, kind: str, chosen: Any) -> list[FieldError]:
    here = f"{pointer}/{_escape(kind)}"
    kinds = optional_kinds()
    if kind not in kinds:
        return [FieldError(here, "unknown_field", f"Known kinds: {', '.join(kinds)}.")]
    if chosen is None:
        return []
    if not isinstance(chosen, Mapping):
        return [FieldError(here, "invalid", "Give an object with `email` and `in_app`.")]
    return [
        FieldError(f"{here}/{_escape(str(name))}", *rejection)
        for name, value in chosen.items()
        if (rejection := _rejection(name, value))
    ]


def _rejection(name: Any, value: Any) -> tuple[str, str] | None:
    if name not in CHANNELS:
        return "unknown_field", "Known fields: email, in_app."
    if value is not None and not isinstance(value, bool):
        return "invalid", "Give true, false, or null for the default."
    return None


def _escape(name: str) -> str:
    return name.replace("~", "~0").replace("/", "~1")  # RFC 6901

"""Which events a webhook can ask for: types, all of an object's, or everything but webhooks' own."""

from __future__ import annotations

from collections.abc import Iterable

from apps.projects.events import EventType

EVERYTHING = "*"
MAX_PATTERNS = 50
TYPES = tuple(event.value for event in EventType if event.object_type != "webhook")
OBJECTS = tuple(dict.fromkeys(event.partition(".")[0] for event in TYPES))
PATTERNS = (EVERYTHING, *(f"{name}.*" for name in OBJECTS), *TYPES)


def types_of(patterns: Iterable[str]) -> list[str]:
    """Return the types that patterns stand for, in the order of the log's own list."""
    wanted = set(patterns)
    return [
        event for event in TYPES if EVERYTHING in wanted or event in wanted or f"{event.partition('.')[0]}.*" in wanted
    ]

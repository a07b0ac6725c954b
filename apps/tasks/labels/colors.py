"""Colours of labels: the one that a new label gets, and the text that can be read on it."""

from __future__ import annotations

import re
from functools import lru_cache
from zlib import crc32

# Contract LA2
PALETTE = (
    "#c8473f",
    "#b9772a",
    "#8f8a1f",
    "#4f9440",
    "#1f8f73",
    "#2b8ca8",
    "#3c78c2",
    "#6a64c8",
    "#8d58b8",
    "#b84f97",
    "#7a7268",
    "#d0662f",
)
COLOR = re.compile("#[0-9A-Fa-f]{6}")
BLACK, WHITE = "#000000", "#ffffff"


def default_color(name: str) -> str:
    """Return the colour of a label that is created without one: the same for the same name in any case."""
    return PALETTE[crc32(name.lower().encode()) % len(PALETTE)]


@lru_cache(maxsize=1_024)
def text_color(color: str) -> str:
    """Return black or white, whichever has the higher contrast on `color` (`#rrggbb`): always 4.5 or more."""
    return BLACK if contrast(color, BLACK) > contrast(color, WHITE) else WHITE


def contrast(one: str, other: str) -> float:
    """Return the contrast ratio of two colours, 1 to 21 (WCAG 2.2)."""
    darker, lighter = sorted((_luminance(one), _luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(color: str) -> float:
    red, green, blue = (_linear(int(color[start : start + 2], 16) / 255) for start in (1, 3, 5))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(channel: float) -> float:
    return channel / 12.92 if channel <= 0.04045 else float(((channel + 0.055) / 1.055) ** 2.4)

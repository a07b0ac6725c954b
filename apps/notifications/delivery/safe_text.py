"""User text made harmless: for header values, and for bodies in which nothing may become a link."""

from __future__ import annotations

import re
import unicodedata

JOINER = "\u2060"  # word joiner: invisible, no line break, part of no address

# Category Cc (controls), U+2028/9 (separators of lines and paragraphs), and the bidirectional controls.
BIDI = "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"
CONTROLS = re.compile(f"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff{BIDI}]+")
CONTROLS_BUT_LINES = re.compile(f"[\x00-\x09\x0b-\x1f\x7f-\x9f\ud800-\udfff{BIDI}]+")
SPACES = re.compile(r"\s+")

# What mail programs turn into links by themselves: `scheme:x`, `//x`, `name@host`, `host.tld`.
LINKABLE = re.compile(r"(?<=[^\W\d_]):(?=\S)|(?<=[^\W_])\.(?=[^\W\d_]{2})|(?<=/)(?=/)|(?<=\S)@(?=\S)")


def header_text(text: str, *, limit: int = 200) -> str:
    """Return `text` as one line for a header value, at most `limit` characters."""
    line = SPACES.sub(" ", CONTROLS.sub(" ", text)).strip()
    return line if len(line) <= limit else f"{line[: limit - 1].rstrip()}…"


def body_text(text: str) -> str:
    """Return `text` with its line ends, without controls, and with nothing that would become a link."""
    clean = CONTROLS_BUT_LINES.sub(" ", text.replace("\r\n", "\n").replace("\u2028", "\n").replace("\u2029", "\n"))
    return unlinked(clean)


def unlinked(text: str) -> str:
    """Return `text` with an invisible joiner wherever a mail program would see a link or an address.

    It reads the same; copied into an address bar it leads nowhere. Markup would not do: the plain
    part has none, and programs look for links behind it.
    """
    return LINKABLE.sub(lambda found: f"{found[0]}{JOINER}", unicodedata.normalize("NFC", text))

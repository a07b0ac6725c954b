"""User text made harmless: for header values, and for bodies in which nothing may become a link."""

from __future__ import annotations

import re
import unicodedata
from html import escape

from django.utils.safestring import SafeString, mark_safe

from apps.notifications.user_text import FSI, PDI, unmarked

JOINER = "\u2060"  # word joiner: invisible, no line break, part of no address

# Category Cc (controls), U+2028/9 (separators of lines and paragraphs), and the bidirectional controls.
BIDI = "\u061c\u200e\u200f\u202a-\u202e\u2066\u2067"
CONTROLS = re.compile(f"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff{BIDI}]+")
CONTROLS_BUT_LINES = re.compile(f"[\x00-\x09\x0b-\x1f\x7f-\x9f\ud800-\udfff{BIDI}]+")
SPACES = re.compile(r"\s+")
MARKED = re.compile(f"{FSI}([^{FSI}{PDI}]*){PDI}")

# What mail programs turn into links by themselves: `scheme:x`, `//x`, `name@host`, `host.tld`.
LINKABLE = r"(?<=[^\W\d_]):(?=\S)|(?<=[^\W_])\.(?=[^\W\d_]{2})|(?<=/)(?=/)|(?<=\S)@(?=\S)"
# Endings of file names that are no top-level domains (zip, md, sh and py are): no program makes a link of them.
ENDINGS = (
    "7z|avi|bmp|cfg|conf|css|csv|diff|doc|docx|eml|gif|gz|heic|htm|html|ics|ini|jpeg|jpg|js|json|log|mp3|mp4|msg|odp"
    "|ods|odt|patch|pdf|png|ppt|pptx|rar|rtf|sql|srt|svg|tar|tif|tiff|tsv|txt|vcf|wav|webp|xls|xlsx|xml|yaml|yml"
)
FILE_NAME = rf"(?<![\w.@:-])[\w-]+(?:\.[\w-]+)*\.(?i:{ENDINGS})(?![\w/@:-]|\.\w)"
JOINTS = re.compile(r"[.:/@]")  # without one of them there is no such thing
TOUCHY = re.compile(f"(?P<name>{FILE_NAME})|{LINKABLE}")


def header_text(text: str, *, limit: int = 200) -> str:
    """Return `text` as one line for a header value, at most `limit` characters."""
    line = unmarked(text)
    if not line.isprintable() or "  " in line:
        line = SPACES.sub(" ", CONTROLS.sub(" ", line))
    line = line.strip()
    return line if len(line) <= limit else f"{line[: limit - 1].rstrip()}…"


def body_text(text: str) -> str:
    """Return `text` with its line ends, without marks and controls, and with nothing that would become a link."""
    return _clean(unmarked(text))


def body_html(text: str) -> SafeString:
    """Return the same as HTML, with `<bdi>` around marked words."""
    marked = escape(_clean(text))
    if FSI in marked:
        marked = MARKED.sub(r"<bdi>\1</bdi>", marked)
    return mark_safe(unmarked(marked))  # noqa: S308 - escaped above


def _clean(text: str) -> str:
    if not unmarked(text).isprintable():  # else it has neither controls nor separators
        text = text.replace("\r\n", "\n").replace("\u2028", "\n").replace("\u2029", "\n")
        text = CONTROLS_BUT_LINES.sub(" ", text)
    return unlinked(text)


def unlinked(text: str) -> str:
    """Return `text` with an invisible joiner wherever a mail program would see a link or an address.

    It reads the same; copied into an address bar it leads nowhere. Markup would not do: the plain
    part has none, and programs look for links behind it. A file name such as `report.pdf` is no link
    and stays as it is, so that a copy of it finds the file.
    """
    text = unicodedata.normalize("NFC", text)
    if not JOINTS.search(text):
        return text
    return TOUCHY.sub(lambda found: found[0] if found["name"] else f"{found[0]}{JOINER}", text)

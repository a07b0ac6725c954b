"""The smallest parts of the pages' design: glyphs of the sprite."""

from __future__ import annotations

from functools import lru_cache

from django import template
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString

register = template.Library()

SPRITE = "common/icons.svg"


@register.simple_tag
@lru_cache(maxsize=1_024)  # a page has hundreds of the same few dozen
def icon(name: str, classes: str = "") -> SafeString:
    """Return a glyph of the sprite, hidden from screen readers; `s-…` is a status, `p-…` a priority."""
    glyph = name if name.startswith(("s-", "p-")) or name == "mark" else f"i-{name}"
    kinds = f"i {classes}".strip()
    return format_html('<svg class="{}" aria-hidden="true"><use href="{}#{}"/></svg>', kinds, static(SPRITE), glyph)

"""Words of people inside our sentences, marked so that they can be set apart from them.

A Hebrew title in an English sentence would otherwise turn the words around it. The marks are Unicode's
own isolates (UAX 9): FSI before, PDI after. Mails in HTML make `<bdi>` of them; where text goes out
plain, `unmarked` takes them away, for what is copied should hold nothing invisible.
"""

from __future__ import annotations

FSI, PDI = "\u2068", "\u2069"
ISOLATES = dict.fromkeys(map(ord, "\u2066\u2067\u2068\u2069"))  # what people write holds no marks of its own


def user_text(text: str) -> str:
    """Return words of a person, such as a name or a title, marked for a sentence around them."""
    return f"{FSI}{text if text.isascii() else text.translate(ISOLATES)}{PDI}"


def unmarked(text: str) -> str:
    """Return a sentence without the marks."""
    return text.replace(FSI, "").replace(PDI, "")

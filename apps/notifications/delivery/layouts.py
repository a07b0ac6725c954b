"""The bodies of mails: a template is rendered once for each shape that a mail can have, and words go into its places.

Rendering it for each mail took longer than all else that a mail needs. What a shape is: the language, the kind, and
which words there are, for a template may ask that of its words and nothing else.
"""

from __future__ import annotations

from collections.abc import Callable

from django.template.loader import get_template
from django.utils.html import conditional_escape
from django.utils.safestring import mark_safe

from apps.common.language.texts import once_per_language
from apps.notifications.delivery.safe_text import body_html, body_text, header_text
from apps.notifications.kinds import Change, Content, Kind

MARK = "\0"  # before and after the number of a place; no template and no harmless word has it
SINGLE = ("title", "heading", "why", "action", "link", "unsubscribe")


def text_body(kind: type[Kind], words: Content, *, link: str, unsubscribe: str) -> str:
    """Return the plain body in the active language; `link` and `unsubscribe` are absolute, empty for none."""
    return _filled("notifications/mail.txt", kind, words, (link, unsubscribe), harmless=body_text, own=str)


def html_body(kind: type[Kind], words: Content, *, link: str, unsubscribe: str) -> str:
    """Return the same in HTML."""
    return _filled(
        "notifications/mail.html", kind, words, (link, unsubscribe), harmless=body_html, own=conditional_escape
    )


def _filled(
    template: str,
    kind: type[Kind],
    words: Content,
    links: tuple[str, str],
    *,
    harmless: Callable[[str], str],
    own: Callable[[str], str],
) -> str:
    """Return a body; `harmless` writes words of people, `own` those of ours."""
    lines = [harmless(line) for line in words.lines if line]
    said = [
        harmless(header_text(words.title)), harmless(words.heading or words.title), harmless(words.why),
        own(words.action), *map(own, links), *lines,
    ]  # fmt: skip
    for change in words.changes:
        said += own(change.label), harmless(change.old), harmless(change.new)
    pieces = _pieces(template, kind, len(lines), tuple(map(bool, said)))
    return "".join([piece if isinstance(piece, str) else said[piece] for piece in pieces])


@once_per_language
def _pieces(template: str, kind: type[Kind], lines: int, said: tuple[bool, ...]) -> tuple[str | int, ...]:
    """Return the template's text in pieces, and between them the numbers of the words that belong there."""
    places = [mark_safe(f"{MARK}{number}{MARK}") if is_said else "" for number, is_said in enumerate(said)]  # noqa: S308 - numbers
    first = len(SINGLE) + lines
    values = dict(zip(SINGLE, places, strict=False)) | {
        "kind": kind,
        "lines": places[len(SINGLE) : first],
        "changes": [Change(*places[at : at + 3]) for at in range(first, len(places), 3)],
    }
    pieces = get_template(template).render(values).split(MARK)
    return tuple(int(piece) if place % 2 else piece for place, piece in enumerate(pieces))

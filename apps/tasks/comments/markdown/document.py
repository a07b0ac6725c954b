"""A text as HTML that is safe to show: no script, no style, no request to another host (contract C13 to C15)."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from typing import Any

import nh3
from markdown_it.common.utils import escapeHtml
from markdown_it.token import Token

from apps.tasks.comments.markdown.parsing import parse, render_tokens

ELEMENTS = {
    *("p", "br", "em", "strong", "s", "code", "pre", "blockquote", "ul", "ol", "li", "h4", "h5", "h6", "hr", "a"),
    *("table", "thead", "tbody", "tr", "th", "td", "input", "span", "img"),
}
ATTRIBUTES: dict[str, set[str]] = {
    "*": set(),
    "a": {"href"},
    "img": {"src", "alt"},
    "input": {"type", "checked", "disabled"},
    "ol": {"start"},
    "span": {"data-user"},
}
SCHEMES = {"http", "https", "mailto"}
REL = "nofollow noopener ugc"
LINK = re.compile(r"https?://|mailto:", re.IGNORECASE)
ATTACHMENT = re.compile(r"attachment:([0-9]{1,18})")
DOWNLOAD = re.compile(
    r"(?P<site>https?://[^/?#]+)?/api/tasks/(?P<task>[0-9]{1,18})/attachments/(?P<file>[0-9]{1,18})/download/"
)
HEADINGS_DOWN = 3  # levels


class Document:
    """A parsed text of a task. `images` are the ids of the files that it shows, if they are pictures of the task."""

    def __init__(self, source: str, *, task_id: int, people: Mapping[str, int], sites: Collection[str] = ()) -> None:
        """Parse `source`. `people` maps normal forms of names to ids, `sites` are the origins of this installation."""
        self._task_id = task_id
        self._sites = sites
        self._tokens = parse(source, {"people": people})
        images = (child for token in self._tokens for child in token.children or () if child.type == "image")
        self.images = {pk for image in images if (pk := self._file_of(image)) is not None}

    def html(self, *, pictures: Collection[int]) -> str:
        """Return the HTML; `pictures` are those of `images` that are pictures of the task. Call it once."""
        for token in self._tokens:
            if token.type in {"heading_open", "heading_close"}:
                token.tag = f"h{min(6, int(token.tag[1]) + HEADINGS_DOWN)}"
            if token.children:
                token.children = list(self._shown(token.children, pictures))
        return nh3.clean(
            render_tokens(self._tokens),
            tags=ELEMENTS,
            attributes=ATTRIBUTES,
            allowed_classes={"span": {"mention"}},
            url_schemes=SCHEMES,
            link_rel=REL,
        )

    def _shown(self, children: list[Token], pictures: Collection[int]) -> Iterator[Token]:
        """Yield the tokens of a line of text as they are shown."""
        links: list[bool] = []  # of the links around: whether they are shown
        for token in children:
            if token.type == "link_open":
                links.append(bool(LINK.match(str(token.attrs.get("href", "")))))
                if links[-1]:
                    yield token
            elif token.type == "link_close":
                if links.pop():
                    yield token
            elif token.type == "mention":
                user, name = token.meta["user"], escapeHtml(token.content)
                yield _html(f'<span class="mention" data-user="{user}">{name}</span>')
            elif token.type == "image":
                yield _html(self._image(token, pictures, is_linked=any(links)))
            else:
                yield token

    def _image(self, token: Token, pictures: Collection[int], *, is_linked: bool) -> str:
        """Return a picture of the task as such, any other one as a link with its alternative text."""
        alt, address = escapeHtml(_text_of(token.children or [])), str(token.attrs.get("src", ""))
        pk = self._file_of(token)
        if pk is not None and pk in pictures:
            return f'<img src="/tasks/{self._task_id}/attachments/{pk}/" alt="{alt}">'
        if is_linked or not LINK.match(address):
            return alt
        return f'<a href="{escapeHtml(address)}">{alt or escapeHtml(address)}</a>'

    def _file_of(self, image: Token) -> int | None:
        """Return the id of the file of this task that an image shows, None for any other address."""
        address = str(image.attrs.get("src", ""))
        if found := ATTACHMENT.fullmatch(address):
            return int(found[1])
        found = DOWNLOAD.fullmatch(address)
        if found and int(found["task"]) == self._task_id and (found["site"] or "") in {"", *self._sites}:
            return int(found["file"])
        return None


def _html(content: str) -> Token:
    token = Token("html_inline", "", 0)
    token.content = content
    return token


def _text_of(tokens: list[Token]) -> str:
    """Return the plain text of an image's alternative text."""
    parts: list[Any] = []
    for token in tokens:
        if token.type in {"softbreak", "hardbreak"}:
            parts.append(" ")
        else:
            parts.append(_text_of(token.children) if token.children else token.content)
    return "".join(parts)

"""The parser: CommonMark with tables, task lists, strikethrough, bare links, and names after an `@` (contract C13).

What takes longer than in proportion to the text is limited: beyond the limits a text is shown as it was written.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

from linkify_it import LinkifyIt
from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock
from markdown_it.rules_core import StateCore
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token

from apps.tasks.comments.markdown.names import candidates, name_run, normal_name

NESTING = 20  # levels of quotes, lists and brackets
BLOCK_LEVEL = 12  # beyond it quotes and lists are text; a list takes two levels
NESTED_LINES = 20_000  # lines of a quote or list times the level it stands at: each level reads them again
BRACKETS = 400  # in a paragraph
BARE_LINKS = 100  # in a paragraph
CELLS = 10_000  # of all tables of a text
UNDER_HEAD = re.compile(r"^[ \t>|:-]*-[ \t|:-]*$")  # the line between a table's head and its rows
TODO = re.compile(r"\[([ xX])\][ \t]")

InlineRule = Callable[[StateInline, bool], bool]
BlockRule = Callable[[StateBlock, int, int, bool], bool]


def parse(source: str, env: dict[str, Any]) -> list[Token]:
    """Return the tokens of a text.

    `env["people"]` maps the normal forms of names to ids: they become tokens `mention`. `env["runs"]` is a list to
    which the runs of characters that may name somebody are added.
    """
    return _PARSER.parse(source, env)


def render_tokens(tokens: list[Token]) -> str:
    """Return the HTML of tokens, which is not safe yet."""
    return str(_PARSER.renderer.render(tokens, _PARSER.options, {}))


def _name(state: StateInline, silent: bool) -> bool:
    """Take a name after `@`, or after the backslash before one; whoever is no member is plain text."""
    at = state.pos
    if state.src[at] == "\\" and at + 1 < state.posMax:
        at += 1
    people: Mapping[str, int] = state.env.get("people", {})
    runs: list[str] | None = state.env.get("runs")
    if state.src[at] != "@" or state.linkLevel or state.env.get("images") or (not people and runs is None):
        return False
    run = name_run(state.src, at, until=state.posMax)
    if runs is not None and run and not silent:
        runs.append(run)
    for name in candidates(run) if people else ():
        user_id = people.get(normal_name(name))
        if user_id is not None:
            if not silent:
                token = state.push("mention", "span", 0)
                token.content, token.meta = f"@{name}", {"user": user_id}
            state.pos = at + 1 + len(name)
            return True
    return False


def _limited(rule: InlineRule, text: str, limit: int) -> InlineRule:
    """Return a rule that does nothing where `text` occurs more than `limit` times."""

    def limited(state: StateInline, silent: bool) -> bool:
        return _count(state.src, text) <= limit and rule(state, silent)

    return limited


@lru_cache(maxsize=8)
def _count(source: str, text: str) -> int:
    return source.count(text)


def _image(rule: InlineRule) -> InlineRule:
    """Return the rule of images, in whose texts nobody is mentioned."""

    def image(state: StateInline, silent: bool) -> bool:
        state.env["images"] = state.env.get("images", 0) + 1
        try:
            return rule(state, silent)
        finally:
            state.env["images"] -= 1

    return image


def _shallow(rule: BlockRule) -> BlockRule:
    """Return a rule that does nothing where the parser would drop what is deeper, or read many lines many times."""

    def shallow(state: StateBlock, start: int, end: int, silent: bool) -> bool:
        is_shallow = state.level < BLOCK_LEVEL and state.level * (end - start) <= NESTED_LINES
        return is_shallow and rule(state, start, end, silent)

    return shallow


def _small(rule: BlockRule) -> BlockRule:
    """Return the rule of tables, until a text has `CELLS` cells."""

    def small(state: StateBlock, start: int, end: int, silent: bool) -> bool:
        if start + 2 > end:
            return False
        line = state.src[state.bMarks[start + 1] : state.eMarks[start + 1]]
        if not UNDER_HEAD.search(line):
            return False
        cells = (line.count("|") + 1) * (_next_empty(state, start + 1, end) - start)
        cells += state.env.get("cells", 0)
        if cells > CELLS or not rule(state, start, end, silent):
            return False
        if not silent:
            state.env["cells"] = cells
        return True

    return small


def _next_empty(state: StateBlock, start: int, end: int) -> int:
    """Return the first line at or after `start` without text, at most `end`; each is looked for once."""
    first, found = state.env.get("text", (0, 0))
    if not first <= start < found <= end:
        found = start
        while found < end and not state.isEmpty(found):
            found += 1
        state.env["text"] = (start, found)
    return int(found)


def _todos(state: StateCore) -> None:
    """Make boxes of `[ ]` and `[x]` at the beginning of list items."""
    tokens = state.tokens
    for position in range(2, len(tokens)):
        inline = tokens[position]
        if inline.type != "inline" or tokens[position - 2].type != "list_item_open" or not inline.children:
            continue
        found, first = TODO.match(inline.content), inline.children[0]
        if found and first.type == "text" and first.content.startswith(found[0][:3]):
            box = Token("html_inline", "", 0)
            checked = " checked" if found[1] != " " else ""
            box.content = f'<input type="checkbox"{checked} disabled>'
            first.content = first.content[3:]
            inline.children.insert(0, box)


def _parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": False, "maxNesting": NESTING, "linkify": True})
    parser.enable(["table", "strikethrough"])
    parser.inline.ruler.enable(["linkify"])
    parser.linkify = LinkifyIt(options={"fuzzy_link": False, "fuzzy_email": False, "fuzzy_ip": False})
    for schema in ("ftp:", "//", "mailto:"):
        parser.linkify.add(schema, None)
    parser.validateLink = lambda url: True  # type: ignore[method-assign]  # judged when it is shown
    inline = {rule.name: rule.fn for rule in parser.inline.ruler.__rules__}
    parser.inline.ruler.at("link", _limited(inline["link"], "[", BRACKETS))
    parser.inline.ruler.at("image", _image(_limited(inline["image"], "[", BRACKETS)))
    parser.inline.ruler.at("linkify", _limited(inline["linkify"], "://", BARE_LINKS))
    parser.inline.ruler.before("escape", "mention", _name)
    block = {rule.name: rule for rule in parser.block.ruler.__rules__}
    for name, limit in (("blockquote", _shallow), ("list", _shallow), ("table", _small)):
        parser.block.ruler.at(name, limit(block[name].fn), {"alt": block[name].alt})
    parser.core.ruler.after("inline", "todos", _todos)
    return parser


_PARSER = _parser()

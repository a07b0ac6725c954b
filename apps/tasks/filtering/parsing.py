"""From a text to its syntax tree, by the grammar in filter.lark."""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path
from typing import Any

from lark import Lark, Token, Transformer, UnexpectedCharacters, UnexpectedInput, UnexpectedToken

from apps.tasks.filtering.errors import FilterError
from apps.tasks.filtering.nodes import AllOf, AnyOf, Comparison, Flag, Node, Not, Place, Value

MAX_LENGTH = 2_000  # characters of a text, contract FI6
GRAMMAR = Path(__file__).with_name("filter.lark")
ESCAPE = re.compile(r"\\(.)", re.DOTALL)
UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
RELATIVE = re.compile(r"([a-z_]+)([+-].*)?")
# Terminals of the grammar as people know them
WORDS = {
    "$END": "the end",
    "WORD": "a field",
    "FLAG": "a flag",
    "OPERATOR": "an operator",
    "LPAR": "(",
    "RPAR": ")",
    "COMMA": ",",
    "QUOTED": "a value",
}


def parse(text: str) -> Node | None:
    """Return the syntax tree of a text, None for an empty one.

    Raises FilterError `too_long` or `syntax`; names, operators and values are judged later.
    """
    if len(text) > MAX_LENGTH:
        place = Place(position=MAX_LENGTH, length=len(text) - MAX_LENGTH)
        raise FilterError(place, "too_long", f"A filter has at most {MAX_LENGTH:,} characters.")
    if found := UNSTORABLE.search(text):
        raise FilterError(Place(position=found.start(), length=1), "syntax", "This character cannot be part of a text.")
    return _parse(text)


def is_plain_word(text: str) -> bool:
    """Return whether a value is read as this text without quotes."""
    try:
        tokens = list(_parser().lex(text))
    except UnexpectedInput:
        return False
    return [(token.type, str(token)) for token in tokens] == [("WORD", text)]


@lru_cache(maxsize=256)
def _parse(text: str) -> Node | None:
    try:
        tree: Node | None = _parser().parse(text)  # type: ignore[assignment]
    except UnexpectedInput as error:
        raise _syntax_error(text, error) from None
    return tree


@lru_cache(maxsize=1)
def _parser() -> Lark:
    return Lark(
        GRAMMAR.read_text(),
        parser="lalr",
        lexer="basic",
        g_regex_flags=re.ASCII,
        maybe_placeholders=False,
        transformer=_ToNodes(),
    )


def _place(*tokens: Token) -> Place:
    start, end = tokens[0].start_pos or 0, tokens[-1].end_pos or 0
    return Place(position=start, length=end - start)


class _ToNodes(Transformer[Token, Any]):
    """Makes nodes while the parser reduces: no tree of its own is built, and nothing recurses."""

    def start(self, items: list[Node]) -> Node | None:
        return items[0] if items else None

    def any_of(self, items: list[Node]) -> Node:
        return AnyOf(tuple(items))

    def all_of(self, items: list[Node]) -> Node:
        return AllOf(tuple(items))

    def negation(self, items: list[Node]) -> Node:
        return Not(items[0])

    def flag(self, items: list[Token]) -> Node:
        return Flag(items[0].lower(), _place(items[0]))

    def lone_word(self, items: list[Token]) -> Node:
        return Flag(items[0].lower(), _place(items[0]))

    def comparison(self, items: list[Any]) -> Node:
        name, operator, value = items
        return Comparison(name.lower(), str(operator), (value,), _place(name), _place(operator))

    def choice(self, items: list[Any]) -> Node:
        name, operator, *values = items
        return Comparison(
            name.lower(), " ".join(word.lower() for word in operator), tuple(values), _place(name), _place(*operator)
        )

    def list_operator(self, items: list[Token]) -> list[Token]:
        return items

    def emptiness(self, items: list[Any]) -> Node:
        name, words = items
        return Comparison(name.lower(), "empty" if len(words) == 2 else "not empty", (), _place(name), _place(*words))

    def is_empty(self, items: list[Token]) -> list[Token]:
        return items

    def text(self, items: list[Token]) -> Value:
        return Value("text", str(items[0]), _place(items[0]))

    def quoted(self, items: list[Token]) -> Value:
        return Value("text", ESCAPE.sub(r"\1", items[0][1:-1]), _place(items[0]))

    def number(self, items: list[Token]) -> Value:
        return Value("number", int(items[0]), _place(items[0]))

    def day(self, items: list[Token]) -> Value:
        return Value("day", str(items[0]), _place(items[0]))

    def instant(self, items: list[Token]) -> Value:
        return Value("instant", str(items[0]).upper(), _place(items[0]))

    def relative(self, items: list[Token]) -> Value:
        found = RELATIVE.fullmatch(items[0].lower())
        assert found is not None  # noqa: S101 - the grammar's terminal says more
        return Value("relative", (found[1], found[2] or ""), _place(items[0]))

    def me(self, items: list[Token]) -> Value:
        return Value("me", None, _place(items[0]))

    def keyword(self, items: list[Token]) -> Value:
        return Value("keyword", items[0].lower(), _place(items[0]))


def _syntax_error(text: str, error: UnexpectedInput) -> FilterError:
    if isinstance(error, UnexpectedCharacters):
        place, detail = _bad_character(text, error.pos_in_stream or 0)
        return FilterError(place, "syntax", detail, _expected(text[: error.pos_in_stream]))
    if not isinstance(error, UnexpectedToken) or error.token.type == "$END":
        expected = _expected(text)
        detail = f"The filter ends where {_either(expected)} is expected."
        return FilterError(Place(position=len(text), length=0), "syntax", detail, expected)
    token = error.token
    before = text[: token.start_pos]
    return FilterError(
        _place(token), "syntax", f"`{token}` does not fit here.{_hint(before, token)}", _expected(before)
    )


def _bad_character(text: str, position: int) -> tuple[Place, str]:
    """Return where and why no token begins at `position`: a sign of its own, or a quote whose text does not end."""
    quote = text[position]
    if quote not in "'\"":
        return Place(position=position, length=1), f"`{quote}` means nothing here."
    inside = position + 1
    while inside < len(text):
        if text[inside] == "\\":
            if text[inside + 1 : inside + 2] not in ("\\", "'", '"'):
                bad = text[inside : inside + 2]
                return Place(position=inside, length=len(bad)), r"In quotes, the only escapes are \\, \' and \"."
            inside += 1
        inside += 1
    return Place(position=position, length=len(text) - position), "The quoted text does not end."


def _hint(before: str, token: Token) -> str:
    """Return what may help, in a sentence of its own."""
    if re.match(r"\+|\d+(mo|[mhdw])$", token):
        return " An offset follows its day without blanks, `today+7d`; in a URL a `+` is written `%2B`."
    if token.type == "OPERATOR" and [each.type for each in _parser().lex(before)][-1:] == ["FLAG"]:
        return " A flag takes no value; write `not` before it for its opposite."
    return ""


def _expected(before: str) -> list[str]:
    """Return what could stand after the first part of a filter, in people's words.

    The parser of the error itself does not know: it has reduced more than it should.
    """
    parser = _parser().parse_interactive(before)
    parser.exhaust_lexer()
    accepted: set[str] = parser.accepts()  # type: ignore[no-untyped-call]
    if "QUOTED" in accepted:
        return [WORDS["QUOTED"]]
    return sorted(WORDS.get(name, name.strip("_").lower()) for name in accepted)


def _either(words: list[str]) -> str:
    return " or ".join(word if " " in word else f"`{word}`" for word in words if word != WORDS["$END"])

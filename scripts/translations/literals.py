"""Texts that are written into templates and Python without a mark for translation."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from html.parser import HTMLParser

from django.template.base import Lexer, Token, TokenType

WORD = re.compile(r"[A-Za-zÀ-ÿ]{2,}")
# A rule of the filter language, an attribute of a block in the middle of a tag, and places for values
NAMES = re.compile(r"\{\w+\}|assignee = me and due < today\+7d|data-theme|\bTaskhouse\b|\bCSV\b|\bAPI\b|&\w+;")
SPOKEN = ("title", "aria-label", "placeholder", "alt", "label")  # attributes that people read or hear
# What holds names, keys and code, not words
SILENT = {"script", "style", "code", "kbd"}
CONSTANT = re.compile(r"""(?<!_\()(["'])([^"'%{}]*)\1""")
# Words in a constant of a tag: two of them, or one with a capital letter
SAID = re.compile(r"^[A-Z][a-zà-ÿ]+[.?!]?$|[A-Za-z]{2,},? [A-Za-z]{2,}|^[a-z]+ $")
# A template's tags whose constants are no words: names of routes, files, glyphs, formats
TECHNICAL = {
    "if",
    "elif",
    "url",
    "static",
    "load",
    "extends",
    "icon",
    "translate",
    "trans",
    "blocktranslate",
    "written",
}


class _Words(HTMLParser):
    """Collects the words that stand between tags and in spoken attributes."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=False)
        self.silent = 0
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.silent += tag in SILENT
        for name, value in attrs:
            if name in SPOKEN and value and WORD.search(NAMES.sub("", value)):
                self.found.append(value)

    def handle_endtag(self, tag: str) -> None:
        self.silent -= tag in SILENT

    def handle_data(self, data: str) -> None:
        if not self.silent and WORD.search(NAMES.sub("", data)):
            self.found.append(data.strip())


def literals_of_template(source: str) -> list[str]:
    """Return the words of a template that no language but English has."""
    words = _Words()
    inside = False
    kept: list[str] = []
    constants: list[str] = []
    for token in Lexer(source).tokenize():
        name = token.contents.split()[0] if token.token_type == TokenType.BLOCK and token.contents else ""
        if name in {"blocktranslate", "comment"}:
            inside = True
        elif name in {"endblocktranslate", "endcomment"}:
            inside = False
        elif inside:
            continue
        elif token.token_type == TokenType.TEXT:
            kept.append(token.contents)
        elif token.token_type != TokenType.COMMENT:
            constants += _constants(token, name)
    words.feed("".join(kept))
    words.close()
    return words.found + constants


def _constants(token: Token, name: str) -> Iterator[str]:
    if name in TECHNICAL:
        return
    for found in CONSTANT.finditer(token.contents):
        if SAID.search(found[2]) and not token.contents[: found.start()].endswith(("written:", "date:")):
            yield found[2]


MARKS = re.compile(r"(?:^|\.)(?:_|n?p?gettext(?:_lazy|_noop)?)$")
# Calls whose texts are for programs, for the log, or names of things
UNSPOKEN = re.compile(
    r"(?:^|\.)(?:compile|info|warning|exception|debug|TypeVar|F|Value|OrderKey|cast|get|find_rows|statement)$"
)
# Words of HTTP and classes of the design
PROTOCOL = {"private, no-store", "Cookie", "Location", "Lax", "Retry-After", "Cache-Control", "input big"} | {
    *("input code", "input small", "private, no-cache", "Pay rent tomorrow 9:00 #bills !high"),
    "column counts",  # a kept statement
    *("label is not empty", "label is empty", "parent is empty", "{} is empty"),  # rules of the filter language
}
SENTENCE = re.compile(r"^[A-Z“][a-zà-ÿ]+([ ,.:?!].*)?$|^ ?[A-Za-z]{2,},? .*[a-z]{2,}|[a-z]{2,} [a-z]{2,}", re.DOTALL)


def literals_of_python(source: str) -> list[str]:
    """Return the texts of a module of pages that look like words for people and have no mark."""
    tree = ast.parse(source)
    skipped = {id(node) for node in _unspoken(tree)}
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            skipped.update(id(each) for each in node.values)
            text = "".join(each.value if isinstance(each, ast.Constant) else "{}" for each in node.values)  # type: ignore[misc]
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            text = node.value
        else:
            continue
        if id(node) in skipped or text in PROTOCOL:
            continue
        if text.startswith("<"):
            found += literals_of_template(text)
        elif SENTENCE.search(NAMES.sub("", text)):
            found.append(text)
    return found


def _unspoken(tree: ast.AST) -> Iterator[ast.AST]:
    """Yield the constants that are docstrings, annotations, keys of headers, marked, or for programs."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef) and node.body:
            first = node.body[0]
            if isinstance(first, ast.Expr):
                yield first.value
        if isinstance(node, ast.Call):
            called = ast.unparse(node.func)
            if MARKS.search(called):
                yield from ast.walk(node)
            elif UNSPOKEN.search(called):
                yield from (inner for each in (*node.args, *node.keywords) for inner in ast.walk(each))
        if isinstance(node, ast.Subscript):
            yield node.slice

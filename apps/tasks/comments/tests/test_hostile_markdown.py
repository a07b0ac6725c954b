"""20,000 hostile characters take no longer than a few times what ordinary ones take (contract C15)."""

from __future__ import annotations

import time

import pytest

from apps.tasks.comments.markdown.document import Document
from apps.tasks.comments.markdown.parsing import parse

LENGTH = 20_000
TIMES = 25  # what an ordinary text of that length takes; the slowest takes about 9 times that
ORDINARY = "A usual paragraph of words, with **strong** and [links](http://a.example), for @anna to read.\n\n"


def repeated(part: str) -> str:
    return (part * (LENGTH // len(part) + 1))[:LENGTH]


PARTS = [
    *(
        "[",
        "]",
        "[]",
        "![",
        "![](",
        "[a](",
        "[a](<b",
        "[a](b)",
        "*",
        "*a ",
        "**a *a ",
        "*a_ ",
        "_",
        "~",
        "~~a",
        "`a``b",
    ),
    *("<", "<a@b", "<http://", "<!--", "&#", "&a", "http://", "http://a?(", "://", "x://a", "[a]: b\n", "\\", "a\\\n"),
    *("- ", "1. ", "> ", "> - ", "- a\n", "- [ ] a\n", "\t> ", "a\n==\n", "# a\n", "```\n", "\n"),
    *("|", "a|b\n-|-\n", "|-|\n", "> |a|b|\n> |-|-|\n", ":-"),
    *("@", "@a ", "@a.", "@.", "x+@", "www.@a ", "\\@", "[@anna", "![@a](", "e\u0301", "é*"),
]
TEXTS = {
    **{f"{part!r} again and again": repeated(part) for part in PARTS},
    "nested brackets": "[" * 10_000 + "]" * 10_000,
    "nested brackets in paragraphs": repeated("[" * 399 + "\n\n"),
    "nested quotes with lazy lines": "> " * 40 + "a\n" + "b\n" * 9_900,
    "quotes as deep as they go, with lazy lines": "> " * 11 + "a\n" + "b\n" * 9_900,
    "nested lists": "".join("  " * min(level, 30) + "- a\n" for level in range(1_000))[:LENGTH],
    "one wide table": ("|a" * 2_000 + "\n" + "|-" * 2_000 + "\n" + repeated("|\n"))[:LENGTH],
    "many wide tables": ("|a" * 100 + "\n" + "|-" * 100 + "\n" + "|\n" * 95 + "\n") * 28,
    "a long table": ("|a" * 5 + "\n" + "|-" * 5 + "\n" + repeated("|a|b\n"))[:LENGTH],
    "backticks of every length": "".join("`" * n + " " for n in range(1, 199)),
    "boxes at the end of a long list": "- a\n" * 2_500 + "- [ ] a\n" * 1_250,
    "a long name": "@" + "a." * 9_999,
    "definitions and uses": "".join(f"[r{n}]: http://x/{n}\n" for n in range(450)) + repeated("[r1]")[:8_000],
}


def seconds(source: str) -> float:
    """Return the CPU time of finding the names and rendering, the better of two."""
    taken = []
    for _ in range(2):
        began = time.thread_time()
        parse(source, {"runs": []})
        Document(source, task_id=42, people={"anna": 5, "a": 6}).html(pictures=())
        taken.append(time.thread_time() - began)
    return min(taken)


@pytest.fixture
def ordinary() -> float:
    """Return the CPU time of an ordinary text: what this machine needs for it now."""
    return max(seconds(repeated(ORDINARY)), 0.02)


def test_the_texts_are_as_long_as_a_comment_may_be():
    assert all(15_000 < len(source) <= LENGTH for source in TEXTS.values())


@pytest.mark.no_cover  # calls that are nested take ten times as long while they are traced
@pytest.mark.parametrize("name", TEXTS)
def test_c15_no_hostile_text_costs_much_more_than_an_ordinary_one(name, ordinary):
    ratio = seconds(TEXTS[name]) / ordinary
    print(f"20,000 characters: ordinary {ordinary:.3f} s, this {ratio:.1f} times that")
    assert ratio < TIMES


def test_what_is_too_deep_or_too_large_is_shown_as_text():
    deep = Document("> " * 40 + "end of it", task_id=1, people={}).html(pictures=())
    wide = Document("|a" * 3_000 + "\n" + "|-" * 3_000 + "\n|b\n|c\n", task_id=1, people={}).html(pictures=())

    assert "end of it" in deep
    assert deep.count("<blockquote>") >= 10
    assert "<table>" not in wide
    assert "|a|a" in wide

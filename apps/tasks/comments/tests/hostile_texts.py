"""Hostile texts, and how long they take: `python -m apps.tasks.comments.tests.hostile_texts` in a new process."""

from __future__ import annotations

import json
import time

from django.conf import settings

from apps.tasks.comments.markdown.document import Document
from apps.tasks.comments.markdown.parsing import parse

LENGTH = 20_000
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


def ratios() -> dict[str, float]:
    """Return for each text how many times as long as an ordinary one it takes, the two right after each other."""
    return {name: seconds(source) / max(seconds(repeated(ORDINARY)), 0.02) for name, source in TEXTS.items()}


if __name__ == "__main__":
    settings.configure()
    print(json.dumps(ratios()))

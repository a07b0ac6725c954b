"""20,000 hostile characters take no longer than a few times what ordinary ones take (contract C15)."""

from __future__ import annotations

import json
import logging
import subprocess
import sys
from pathlib import Path

import pytest

from apps.tasks.comments.markdown.document import Document
from apps.tasks.comments.markdown.parsing import parse
from apps.tasks.comments.tests.hostile_texts import LENGTH, TEXTS

ROOT = Path(__file__).resolve().parents[4]
TIMES = 25  # the slowest takes about 10


def test_the_texts_are_as_long_as_a_comment_may_be():
    assert all(15_000 < len(source) <= LENGTH for source in TEXTS.values())


@pytest.fixture(scope="module")
def ratios() -> dict[str, float]:
    """Measure in a new process: the tracer of a coverage run takes ten times what the parser does."""
    command = [sys.executable, "-m", "apps.tasks.comments.tests.hostile_texts"]
    measured = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    found: dict[str, float] = json.loads(measured.stdout)
    return found


@pytest.mark.parametrize("name", TEXTS)
def test_c15_no_hostile_text_costs_much_more_than_an_ordinary_one(name, ratios):
    print(f"20,000 characters take {ratios[name]:.1f} times as long as ordinary ones")
    assert ratios[name] < TIMES


def test_c15_a_text_fills_no_log_whatever_its_level(caplog):
    caplog.set_level(logging.DEBUG)

    parse("> > > a\nb\n", {"runs": []})

    assert caplog.records == []


def test_what_is_too_deep_or_too_large_is_shown_as_text():
    deep = Document("> " * 40 + "end of it", task_id=1, people={}).html(pictures=())
    wide = Document("|a" * 3_000 + "\n" + "|-" * 3_000 + "\n|b\n|c\n", task_id=1, people={}).html(pictures=())

    assert "end of it" in deep
    assert deep.count("<blockquote>") >= 10
    assert "<table>" not in wide
    assert "|a|a" in wide

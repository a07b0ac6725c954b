"""docs/security.md names only what is there."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "security.md").read_text()


def test_every_file_that_the_page_names_exists():
    named = set(re.findall(r"`((?:apps|config|scripts|docs)/[\w/.-]+\.\w+|Dockerfile|\.\w[\w.]+)`", PAGE))

    assert len(named) > 40
    assert [name for name in sorted(named) if not (ROOT / name).exists()] == []


def test_every_requirement_has_a_state():
    rows = re.findall(r"^\| (\d+\.\d+\.\d+[^|]*)\|[^|]*\| ([^|]+)\|$", PAGE, re.M)

    assert len(rows) > 60
    states = ("met", "partly", "not met", "the operator's")
    assert [number for number, state in rows if not state.startswith(states)] == []

"""The page on performance is written from the figures of a run."""

from __future__ import annotations

import pytest

from scripts.bench.page import BEGIN, END, PAGE, written

ROW = {
    "operation": "one task", "rate": 703.4, "p50_ms": 5.44, "p99_ms": 10.71, "to_floor": 0.33, "target": 0.45,
    "to_bound": 0.93, "to_plain": 6.9, "to_orm": None,
}  # fmt: skip
RESULT = {
    "about": {"date": "2026-11-28", "cores": 2, "python": "3.13.0", "postgres": 18},
    "tasks": 200_000,
    "empty": {"view": 943.2, "wsgi": 5778.0},
    "start_seconds": 1.36,
    "memory_mb": 191.0,
    "rows": [ROW],
}


def test_the_figures_take_the_place_of_those_before():
    page = f"# Performance\n\n{BEGIN}\nformer figures\n{END}\nText.\n"

    once = written(page, RESULT)

    assert "| one task | 703 | 5.4 | 10.7 | 0.33 | 0.45 | 0.93 | 6.9 | - |" in once
    assert "empty view 943/s" in once
    assert "200,000 tasks" in once
    assert "former figures" not in once
    assert once.startswith("# Performance\n\n")
    assert once.endswith(f"{END}\nText.\n")
    assert written(once, RESULT) == once


def test_the_page_in_the_repository_has_a_place_for_them():
    assert "one task" in written(PAGE.read_text(), RESULT)


def test_a_page_without_a_place_is_left_alone():
    with pytest.raises(ValueError, match="newest run"):
        written("# Performance\n", RESULT)

"""The plans that explain a growth are read from what PostgreSQL writes into its log."""

from __future__ import annotations

import json

from scripts.bench.plans import Statement, _compared, _entries, outline

LOGGED = """\
2026-11-29 08:00:00.000 UTC [7] LOG:  duration: {ms} ms  plan:
\t{{
\t  "Query Text": "SELECT * FROM tasks_task WHERE id = $1",
\t  "Plan": {plan}
\t}}
2026-11-29 08:00:00.001 UTC [7] LOG:  checkpoint starting: time
"""


def plan_of(pages, read, **others):
    found = {"Actual Rows": 1.0, "Actual Loops": 1, "Shared Hit Blocks": pages, "Shared Read Blocks": read}
    return {"Node Type": "Index Scan", "Index Name": "tasks_task_pkey"} | found | others


def statement(ms, pages, **others):
    made = Statement("SELECT 1")
    made.add(ms, plan_of(pages, 0, **others))
    return made


def test_each_plan_of_the_log_comes_with_its_time(tmp_path):
    log = tmp_path / "postgres.log"
    log.write_text(LOGGED.format(ms="9.5", plan=json.dumps(plan_of(4, 0))))
    start = log.stat().st_size
    with log.open("a") as file:
        for ms in ("0.25", "1.75"):
            file.write(LOGGED.format(ms=ms, plan=json.dumps(plan_of(4, 1))))

    found = list(_entries(log, start))

    assert [ms for ms, _ in found] == [0.25, 1.75]
    assert {entry["Query Text"] for _, entry in found} == {"SELECT * FROM tasks_task WHERE id = $1"}


def test_an_outline_has_a_line_for_each_node_that_ran():
    never = plan_of(0, 0, **{"Actual Loops": 0})
    inner = plan_of(6, 1, **{"Actual Loops": 50, "Relation Name": "tasks_task"})
    lines = list(outline({**plan_of(10, 1), "Node Type": "Limit", "Plans": [inner, never]}))

    assert lines == [
        "Limit tasks_task_pkey: 1 rows, 11 pages",
        "  Index Scan tasks_task tasks_task_pkey: 50 rows, 7 pages",
    ]


def test_plans_are_shown_where_more_pages_are_read():
    assert list(_compared([statement(0.01, 4)], [statement(0.02, 400)])) == []  # too quick to explain anything
    assert len(list(_compared([statement(1.0, 100)], [statement(3.0, 110)]))) == 1
    assert len(list(_compared([statement(1.0, 100)], [statement(3.0, 200)]))) == 5

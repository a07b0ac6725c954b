"""Write figures that a run has kept into docs/performance.md: `python -m scripts.bench.page figures.json`."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from scripts.local.environment import ROOT

PAGE = ROOT / "docs/performance.md"
BEGIN, END = "<!-- figures of the newest run -->\n", "<!-- end of the figures -->\n"
HEAD = "| operation | req/s | p50 ms | p99 ms | ÷ floor | asked | ÷ bound | ÷ usual | ÷ honest |"
COLUMNS = ("to_floor", "target", "to_bound", "to_plain", "to_orm")


def figures(result: dict[str, Any]) -> str:
    """Return the figures of a run as the page shows them."""
    about, empty = result["about"], result["empty"]
    lines = [
        f"{about['date']}, {about['cores']} cores, Python {about['python']}, PostgreSQL {about['postgres']},"
        f" {result['tasks']:,} tasks with labels, sub-tasks, comments and relations;",
        f"empty view {empty['view']:.0f}/s, empty WSGI program {empty['wsgi']:.0f}/s; start of the web process"
        f" {result['start_seconds']} s, {result['memory_mb']} MB at the end.",
        "",
        HEAD,
        "|---" * (HEAD.count("|") - 1) + "|",
        *(_row(row) for row in result["rows"]),
    ]
    return "\n".join(lines) + "\n"


def _row(row: dict[str, Any]) -> str:
    cells = [row["operation"], f"{row['rate']:.0f}", f"{row['p50_ms']:.1f}", f"{row['p99_ms']:.1f}"]
    cells += ["-" if row[name] in (None, 0.0) else str(row[name]) for name in COLUMNS]
    return f"| {' | '.join(cells)} |"


def written(page: str, result: dict[str, Any]) -> str:
    """Return the page with these figures between its marks. Raises ValueError for a page without them."""
    before, _, rest = page.partition(BEGIN)
    former, _, after = rest.partition(END)
    if not former:
        raise ValueError(f"the page has no {BEGIN.strip()} … {END.strip()}")
    return f"{before}{BEGIN}\n{figures(result)}\n{END}{after}"


def main(arguments: list[str]) -> int:
    """Write the page; return the exit code."""
    if len(arguments) != 1:
        print("python -m scripts.bench.page figures.json, kept by ./scripts/bench/run --json", file=sys.stderr)
        return 2
    PAGE.write_text(written(PAGE.read_text(), json.loads(Path(arguments[0]).read_text())))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

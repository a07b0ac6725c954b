"""The figures of a long run as tables for people."""

from __future__ import annotations

from typing import Any

TABLES = ("levels", "latency", "minutes", "tables")


def lines(figures: dict[str, Any]) -> list[str]:
    """Return all figures, the tables last."""
    said = [f"{name.replace('_', ' ')}: {value}" for name, value in figures.items() if name not in TABLES]
    said += ["", f"{'what':38}{'second third':>13}{'last third':>12}{'ratio':>8}"]
    for name, row in figures["levels"].items():
        mark = "" if row["is_level"] else "  grows"
        said.append(f"{name:38}{row['second']:>13}{row['last']:>12}{row['ratio'] or '-':>8}{mark}")
    said += ["", f"{'table':38}{'MB':>10}{'live rows':>12}{'dead rows':>12}"]
    said += [f"{name:38}{row['mb']:>10}{row['live']:>12}{row['dead']:>12}" for name, row in figures["tables"].items()]
    said += ["", f"{'requests, ms':24}{'p50':>10}{'p95':>10}{'p99':>10}"]
    said += [f"{kind:24}{row['p50']:>10}{row['p95']:>10}{row['p99']:>10}" for kind, row in figures["latency"].items()]
    said += ["", f"{'minute':8}{'p50 of the list':>18}{'create':>10}{'page: board':>14}{'login':>10}"]
    for number, minute in enumerate(figures["minutes"], start=1):
        shown = [str(minute.get(kind, {}).get("p50", "-")) for kind in ("list", "create", "page: board", "login")]
        said.append(f"{number:<8}{shown[0]:>18}{shown[1]:>10}{shown[2]:>14}{shown[3]:>10}")
    return said

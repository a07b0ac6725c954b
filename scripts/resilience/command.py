"""Runs one scenario and prints its figures; ends with 1 when one is wrong. Without a name it is chaos."""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import tempfile
from importlib import import_module
from pathlib import Path
from typing import Any

from scripts.local.options import closest

SCENARIOS = (
    "chaos",
    "database_outage",
    "fault_points",
    "kafka",
    "long",
    "mail_outage",
    "pages",
    "redis_outage",
    "reminders",
    "streams",
    "throughput",
    "upgrade",
    "webhooks",
)


def main(words: list[str]) -> int:
    """Run a scenario in a folder of its own and return the exit code."""
    if not words or words[0].startswith("-"):
        words = ["chaos", *words]
    if words[0] not in SCENARIOS:
        hint = closest(words[0], set(SCENARIOS))
        print(f"./scripts/chaos has no scenario {words[0]}.{hint} See ./scripts/chaos --help.", file=sys.stderr)
        return 2
    parser = argparse.ArgumentParser(prog="./scripts/chaos", allow_abbrev=False)
    choices = parser.add_subparsers(dest="scenario", required=True)
    for name in SCENARIOS:
        module = import_module(f"scripts.resilience.{name}")
        chosen = choices.add_parser(name, help=module.__doc__, allow_abbrev=False)
        chosen.add_argument("--json", action="store_true", help="print the figures as one JSON object")
        chosen.add_argument("--keep", action="store_true", help="keep the folder with logs and mails")
        module.arguments(chosen)
        chosen.set_defaults(run=module.run, lines=getattr(module, "lines", lines))
    options = parser.parse_args(words)
    folder = Path(tempfile.mkdtemp(prefix="fire-"))
    folder.chmod(0o755)  # PostgreSQL may run as another user
    try:
        figures = options.run(options, folder / "home")
    finally:
        if options.keep:
            print(f"Kept: {folder}", file=sys.stderr)
        else:
            shutil.rmtree(folder, ignore_errors=True)
    if options.json:
        print(json.dumps(figures))
    else:
        print(*options.lines(figures), sep="\n")
    return 0 if figures["ok"] else 1


def lines(figures: dict[str, Any]) -> list[str]:
    """Return the figures for people, one a line."""
    return [f"{name.replace('_', ' ')}: {value}" for name, value in figures.items()]

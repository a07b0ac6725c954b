"""Every rule of the contract that is built has a test that names it.

A test names a rule by its number in its own name (`test_tr7_a_restored_task...`), or by the number in its body, its
docstring, its comments or its decorators (`TR7`). The docstring of a module does not count: it says what a file is
about, not what a test proves. `python -m scripts.gate.rules` prints the figures.
"""

import ast
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from scripts.local.environment import ROOT

# Letters of a family of rules, and how many it has
FAMILIES = {
    "BU": 14,  # bulk changes and undo
    "C": 16,  # comments and mentions
    "DE": 9,  # dependencies
    "DU": 7,  # all-day dates
    "E": 10,  # event log
    "FE": 4,  # event feed and relay
    "EX": 4,  # export
    "FI": 11,  # filter language
    "H": 8,  # HTTP
    "IC": 3,  # calendar feeds
    "IM": 11,  # import
    "IN": 10,  # invitations
    "L": 3,  # locks
    "LA": 11,  # labels
    "N": 4,  # notifications
    "PG": 16,  # server-rendered pages
    "QA": 4,  # quick add
    "R": 2,  # rights
    "RK": 9,  # manual order
    "SR": 6,  # live stream
    "ST": 13,  # sub-tasks
    "SY": 12,  # sync
    "TK": 12,  # API tokens
    "TR": 15,  # trash
    "VI": 8,  # saved views
    "WA": 8,  # watching
    "WH": 14,  # webhooks
}
NOT_BUILT: set[str] = set()
FOLDERS = ("apps", "config", "scripts")
NUMBER = re.compile(r"(?<![A-Za-z0-9])([A-Z]{1,2})(\d{1,2})(?![A-Za-z0-9])")
IN_A_NAME = re.compile(r"(?<![a-z0-9])([a-z]{1,2})(\d{1,2})(?![a-z0-9])")


def all_rules() -> list[str]:
    """Return the numbers of the rules that are built, as "TR7"."""
    numbered = (f"{letters}{number}" for letters, count in FAMILIES.items() for number in range(1, count + 1))
    return [rule for rule in numbered if rule not in NOT_BUILT]


def cited(root: Path = ROOT) -> Counter[str]:
    """Return how many tests name each rule."""
    return Counter(rule for path in _test_files(root) for rules in _tests(path) for rule in rules)


def problems(root: Path = ROOT) -> str:
    """Return the rules that no test names, or nothing."""
    found = cited(root)
    missing = [rule for rule in all_rules() if not found[rule]]
    return f"rules without a test that names them: {', '.join(missing)}" if missing else ""


def _test_files(root: Path) -> Iterator[Path]:
    for folder in FOLDERS:
        yield from sorted((root / folder).rglob("test_*.py"))


def _tests(path: Path) -> Iterator[set[str]]:
    """Yield the rules that each test of the file names."""
    source = path.read_text()
    lines = source.splitlines()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
            first = min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])
            text = "\n".join(lines[first - 1 : node.end_lineno])
            named = {f"{letters.upper()}{number}" for letters, number in IN_A_NAME.findall(node.name.replace("_", " "))}
            yield named | {f"{letters}{number}" for letters, number in NUMBER.findall(text)}


def main() -> int:
    """Print how many tests name each rule, then the rules that none names; return 1 if there are any."""
    found = cited()
    for letters, count in FAMILIES.items():
        print(f"{letters}: " + " ".join(f"{number}={found[f'{letters}{number}']}" for number in range(1, count + 1)))
    missing = problems()
    print(missing or f"{len(all_rules())} rules, each with a test that names it")
    return 1 if missing else 0


if __name__ == "__main__":
    raise SystemExit(main())

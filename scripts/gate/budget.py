"""No file and no function grows beyond what one can take in."""

import ast
from collections.abc import Iterator
from pathlib import Path

from scripts.local.environment import ROOT

FILE_LINES = 400
FUNCTION_LINES = 50
FOLDERS = ("apps", "config", "scripts")
LEFT_OUT = {"tests", "migrations"}


def problems(root: Path = ROOT) -> str:
    """Return one line for each file or function that is too long."""
    return "\n".join(line for path in _files(root) for line in _too_long(path, path.relative_to(root)))


def _files(root: Path) -> Iterator[Path]:
    for folder in FOLDERS:
        for path in sorted((root / folder).rglob("*.py")):
            if not LEFT_OUT.intersection(path.relative_to(root).parts):
                yield path


def _too_long(path: Path, name: Path) -> Iterator[str]:
    source = path.read_text()
    lines = source.count("\n")
    if lines > FILE_LINES:
        yield f"{name}: {lines} lines, at most {FILE_LINES}"
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            length = (node.end_lineno or node.lineno) - node.lineno + 1
            if length > FUNCTION_LINES:
                yield f"{name}:{node.lineno} {node.name}: {length} lines, at most {FUNCTION_LINES}"

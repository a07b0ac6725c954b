"""Reads `.env` by one literal rule, for the settings and for the scripts; needs nothing but Python.

One setting a line, `NAME=value`. The value is everything behind the first `=`, as it stands: quotes, `$`, backslashes,
`#` and spaces inside it are part of it. Spaces and tabs around the name and at both ends of the value are not. Only a
line that begins with `#` is a comment; `export` before a name is left out. What the environment says already wins.

    python3 config/env_file.py COMMAND [ARGUMENT...]    # runs the command with what the checkout's .env says
"""

from __future__ import annotations

import logging
import os
import re
import sys
from pathlib import Path

NAME = re.compile(r"(?:export[ \t]+)?([A-Za-z_][A-Za-z0-9_]*)")
BLANK = " \t"
READ = "ENV_FILE_READ"  # in the environment of what this module has run: the file needs no second reading
FILE = Path(__file__).resolve().parent.parent / ".env"

logger = logging.getLogger(__name__)


def parse(content: str) -> tuple[dict[str, str], list[str]]:
    """Return ({name: value}, what is wrong). No complaint shows anything of a value, since it may be a secret."""
    found: dict[str, str] = {}
    complaints = []
    for number, line in enumerate(content.split("\n"), 1):
        line = line.rstrip("\r").strip(BLANK)
        if not line or line.startswith("#"):
            continue
        name, equals, value = line.partition("=")
        match = NAME.fullmatch(name.rstrip(BLANK))
        if not equals or not match or "\0" in value:
            complaints.append(f"line {number} is not NAME=value and was left out")
            continue
        found[match[1]] = value.lstrip(BLANK)
        if doubt := _doubt(found[match[1]]):
            complaints.append(f"line {number}: {match[1]} {doubt}")
    return found, complaints


def _doubt(value: str) -> str:
    """Return why the value may not be what its writer meant, or nothing."""
    if len(value) > 1 and value[0] == value[-1] and value[0] in "'\"":
        return "is in quotes, which are part of its value"
    if re.search(r"[ \t]#", value):
        return "has a # in its value, which is no comment there"
    return ""


def read(path: Path = FILE) -> tuple[dict[str, str], list[str]]:
    """Return what `parse` finds in a file; nothing in one that is not there."""
    try:
        # Bytes that are no UTF-8 stay what they are, as in the environment; the mark that some editors begin with goes.
        return parse(path.read_bytes().decode("utf-8-sig", errors="surrogateescape"))
    except FileNotFoundError:
        return {}, []
    except OSError as error:
        return {}, [f"cannot be read: {error.strerror}"]


def load(path: Path = FILE) -> None:
    """Add to the environment what the file says and the environment does not; log what is wrong with the file."""
    if os.environ.get(READ):
        return
    found, complaints = read(path)
    for complaint in complaints:
        logger.warning("%s: %s", path, complaint)
    for name, value in found.items():
        os.environ.setdefault(name, value)


def main(command: list[str]) -> None:
    """Replace this process by the command."""
    load()
    os.environ[READ] = "1"
    try:
        os.execvp(command[0], command)  # noqa: S606 - takes our place, with our signals and our exit code
    except OSError as error:
        sys.exit(f"{command[0]}: {error.strerror}")


if __name__ == "__main__":
    main(sys.argv[1:])

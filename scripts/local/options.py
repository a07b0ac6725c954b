"""What the commands in scripts/ take. The comment at the head of each is its help, and names every option it has."""

import difflib
import re
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PLACES = {"bench": "bench/run", "containers": "containers/run"}  # the others lie in scripts/ under their own name
# Their further arguments belong to pytest, which knows them better.
OPEN = ("test", "check")
ALIKE = 0.75  # of difflib's ratio: `--quik` is meant to be `--quick`, pytest's own `--quiet` is not


def command(verb: str) -> str:
    """Return how one types this command."""
    return f"./scripts/{PLACES.get(verb, verb)}"


def help_of(verb: str) -> str:
    """Return the comment at the head of the command, without its marks."""
    lines = (ROOT / "scripts" / PLACES.get(verb, verb)).read_text().splitlines()[1:]
    end = next(number for number, line in enumerate(lines) if not line.startswith("#"))
    return "\n".join(line[2:] for line in lines[:end])


def options_of(verb: str) -> set[str]:
    """Return the options that the help names."""
    return {"--help", *re.findall(r"(?<![\w-])--[a-z][a-z-]*", help_of(verb))}


def complaint(verb: str, arguments: Sequence[str]) -> str:
    """Return what is wrong with the arguments of a command, with a hint, or an empty string.

    Needs nothing but the standard library, so that a mistake is not found out after a minute of installing.
    """
    if verb == "run":
        return _about_run(arguments)
    own = arguments[:1] if verb == "manage" else arguments  # the rest belongs to the management command
    for word in own:
        if word == "--":
            break
        if wrong := _about(verb, word):
            return f"{wrong} See {command(verb)} --help."
    return ""


def closest(word: str, choices: set[str]) -> str:
    """Return the hint for a misspelt word, or an empty string when nothing looks like it."""
    found = difflib.get_close_matches(word, choices, n=1, cutoff=ALIKE)
    return f" Did you mean {found[0]}?" if found else ""


def _about(verb: str, word: str) -> str:
    name = word.partition("=")[0]
    if not re.match(r"--?[A-Za-z]", name):
        return ""
    known = options_of(verb)
    if name in known or (verb != "manage" and name == "-h"):
        return ""
    hint = closest(f"--{name.lstrip('-').lower()}", known)
    if verb in OPEN:
        return f"{command(verb)} has no option {name}.{hint}" if hint and _is_long(name) else ""
    if verb == "manage":
        hint = hint or " The name of the management command comes first."
    return f"{command(verb)} has no option {name}.{hint}"


def _is_long(name: str) -> bool:
    return len(name) > 2  # -a, -x: pytest's


def _about_run(arguments: Sequence[str]) -> str:
    if not arguments:
        return ""
    variables = {f"--{name.lower()}": name for name in re.findall(r"\b[A-Z]+(?:_[A-Z]+)*(?==)", help_of("run"))}
    name, _, value = arguments[0].partition("=")
    value = value or (arguments[1] if len(arguments) > 1 else "")
    if name.isdigit():
        name, value = "--port", name
    alike = difflib.get_close_matches(f"--{name.lstrip('-').lower()}", variables, n=1, cutoff=ALIKE)
    hint = f" Did you mean {variables[alike[0]]}={value or '…'} ./scripts/run?" if alike else ""
    return f"./scripts/run takes no arguments, and got {' '.join(arguments)}.{hint} See ./scripts/run --help."

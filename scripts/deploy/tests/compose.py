"""Reads docker-compose.yml as Compose does, as far as this project's file goes."""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[3]
NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def interpolate(text: str, variables: Mapping[str, str]) -> str:
    """Replace $$, ${NAME}, ${NAME:-default} (defaults may nest) by Compose's rules."""
    out, position = [], 0
    while position < len(text):
        if text.startswith("$$", position):
            out.append("$")
            position += 2
        elif text.startswith("${", position):
            end = _closing(text, position + 1)
            out.append(_value(text[position + 2 : end], variables))
            position = end + 1
        else:
            out.append(text[position])
            position += 1
    return "".join(out)


def _closing(text: str, opening: int) -> int:
    depth = 0
    for position in range(opening, len(text)):
        depth += {"{": 1, "}": -1}.get(text[position], 0)
        if depth == 0:
            return position
    raise ValueError(f"unclosed brace in {text!r}")


def _value(expression: str, variables: Mapping[str, str]) -> str:
    match = NAME.match(expression)
    assert match, f"no name in {expression!r}"
    rest = expression[match.end() :]
    assert rest == "" or rest.startswith(":-"), f"only :- is used here, not {expression!r}"
    return variables.get(match[0]) or interpolate(rest[2:], variables)


def names_used(text: str) -> set[str]:
    """Return the variables that a compose file asks the environment for."""
    return set(re.findall(r"(?<!\$)\$\{([A-Za-z_][A-Za-z0-9_]*)", text))


def load(variables: Mapping[str, str], name: str = "docker-compose.yml") -> dict[str, Any]:
    """Return the file with every string interpolated."""
    return _walk(yaml.safe_load((ROOT / name).read_text()), variables)  # type: ignore[no-any-return]


def _walk(value: Any, variables: Mapping[str, str]) -> Any:
    if isinstance(value, str):
        return interpolate(value, variables)
    if isinstance(value, list):
        return [_walk(item, variables) for item in value]
    if isinstance(value, dict):
        return {key: _walk(item, variables) for key, item in value.items()}
    return value


def command_of(test: list[str]) -> list[str]:
    """Return a health check's command."""
    return ["sh", "-c", test[1]] if test[0] == "CMD-SHELL" else test[1:]


def environment_of(service: Mapping[str, Any], env_file: Mapping[str, str]) -> dict[str, str]:
    """Return what the container's process finds in its environment beside the image's own."""
    found = dict(env_file) if "env_file" in service else {}
    return found | {key: str(value) for key, value in service.get("environment", {}).items()}


def shown(argv: list[str]) -> str:
    """Return a command for a message."""
    return shlex.join(argv)

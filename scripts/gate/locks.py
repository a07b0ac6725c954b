"""The lock files hold what pyproject.toml asks for, with hashes, and do not contradict each other."""

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from scripts.local.environment import ROOT

SERVER, LOCAL, DEVELOPMENT = "requirements.txt", "scripts/local/requirements.txt", "requirements-dev.txt"
RENEW = "uv pip compile --universal --generate-hashes pyproject.toml"


def problems(root: Path = ROOT) -> str:
    """Return one line for each disagreement."""
    return "\n".join(_problems(root))


def _problems(root: Path) -> Iterator[str]:
    project = tomllib.loads((root / "pyproject.toml").read_text())["project"]
    extras = project["optional-dependencies"]
    asked = {
        SERVER: project["dependencies"],
        LOCAL: project["dependencies"] + extras["local"],
        DEVELOPMENT: project["dependencies"] + extras["local"] + extras["dev"],
    }
    locked = {name: _read(root / name) for name in asked}
    for name, requirements in asked.items():
        yield from _missing(name, requirements, locked[name], project["name"])
        yield from _without_hash(name, root)
    for name in (SERVER, LOCAL):
        for package, version in locked[name].items():
            if locked[DEVELOPMENT].get(package) != version:
                yield f"{package}: {version} in {name}, {locked[DEVELOPMENT].get(package)} in {DEVELOPMENT}"


def _read(path: Path) -> dict[str, str]:
    """Return {package: version} of a lock file."""
    found = re.findall(r"^([A-Za-z0-9._-]+)(?:\[[^]]*\])?==([^\s;\\]+)", path.read_text(), flags=re.MULTILINE)
    return {canonicalize_name(name): version for name, version in found}


def _missing(name: str, requirements: list[str], locked: dict[str, str], own: str) -> Iterator[str]:
    for text in requirements:
        requirement = Requirement(text)
        package = canonicalize_name(requirement.name)
        if package == canonicalize_name(own):
            continue
        if package not in locked:
            yield f"{name} lacks {package}, which pyproject.toml asks for: {RENEW}"
        elif Version(locked[package]) not in requirement.specifier:
            yield f"{name} has {package} {locked[package]}, pyproject.toml asks for {requirement.specifier}: {RENEW}"


def _without_hash(name: str, root: Path) -> Iterator[str]:
    for block in re.split(r"\n(?=[A-Za-z0-9])", (root / name).read_text()):
        if "==" in block.partition("\n")[0] and "--hash=sha256:" not in block:
            yield f"{name} has no hash for {block.partition('=')[0]}"

"""The lock files hold what pyproject.toml asks for, with hashes, and do not contradict each other."""

import re
import tomllib
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, requires
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from scripts.local.environment import ROOT

SERVER, LOCAL, DEVELOPMENT = "requirements.txt", "scripts/local/requirements.txt", "requirements-dev.txt"
OPTIONAL = "requirements-optional.txt"
RENEW = "uv pip compile --universal --generate-hashes --no-strip-extras pyproject.toml"
PIN = re.compile(r"^([A-Za-z0-9._-]+)(?:\[([^]]*)\])?==([^\s;\\]+)", flags=re.MULTILINE)


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
        OPTIONAL: project["dependencies"] + extras["optional"],
    }
    locked = {name: _read(root / name) for name in asked}
    for name, requirements in asked.items():
        yield from _missing(name, requirements, locked[name], project["name"])
        yield from _without_hash(name, root)
        yield from _without_extras(name, requirements, root)
    for name in (SERVER, LOCAL):
        for package, version in locked[name].items():
            if locked[DEVELOPMENT].get(package) != version:
                yield f"{package}: {version} in {name}, {locked[DEVELOPMENT].get(package)} in {DEVELOPMENT}"


def _read(path: Path) -> dict[str, str]:
    """Return {package: version} of a lock file."""
    return {canonicalize_name(name): version for name, _, version in PIN.findall(path.read_text())}


def _extras(path: Path) -> dict[str, set[str]]:
    """Return {package: the extras it is pinned with} of a lock file."""
    pinned = PIN.findall(path.read_text())
    return {
        canonicalize_name(name): {extra.strip() for extra in extras.split(",") if extra} for name, extras, _ in pinned
    }


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


def _without_extras(name: str, requirements: list[str], root: Path) -> Iterator[str]:
    """Name the pins that lack the extras somebody asks for: to pip before 24 `coverage[toml]` is not `coverage`.

    Packages that are not installed here say nothing about what they ask for.
    """
    pinned = _extras(root / name)
    asked = [("pyproject.toml", text, {""}) for text in requirements]
    for package, extras in pinned.items():
        try:
            asked += [(package, text, extras or {""}) for text in requires(package) or []]
        except PackageNotFoundError:
            continue
    for who, text, extras in asked:
        requirement = Requirement(text)
        package, marker = canonicalize_name(requirement.name), requirement.marker
        wanted = marker is None or any(marker.evaluate({"extra": extra}) for extra in extras)
        if wanted and requirement.extras and package in pinned and pinned[package] != requirement.extras:
            yield f"{name} pins {package} without [{','.join(sorted(requirement.extras))}], asked for by {who}: {RENEW}"

"""What can be seen in the Dockerfile and the compose files without an engine."""

import re
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from scripts.local.environment import ROOT

COMPOSE_FILES = ("docker-compose.yml", "docker-compose.override.yml", "docker-compose.tls.yml")
UNITS = {"": 1, "b": 1, "k": 2**10, "m": 2**20, "g": 2**30}
SHELLS = {"sh", "bash", "ash", "/bin/sh", "/bin/bash"}


def problems(root: Path = ROOT) -> str:
    """Return one line for each thing that would only show when the image is built or a container runs."""
    dockerfile = (root / "Dockerfile").read_text()
    found = [*_front_end(dockerfile), *_static_files(dockerfile, root)]
    for name in COMPOSE_FILES:
        found += [f"{name}: {line}" for line in compose_problems((root / name).read_text())]
    return "\n".join(found)


def compose_problems(text: str) -> Iterator[str]:
    """Yield what is wrong with the services of a compose file."""
    # The default of a variable is what most people get.
    plain = re.sub(r"(?<!\$)\$\{\w+:?-([^${}]*)\}", r"\1", text)
    for name, service in yaml.safe_load(plain)["services"].items():
        for line in (*_cpus(service), *_command(service), *_memory(service)):
            yield f"{name}: {line}"


def _cpus(service: dict[str, Any]) -> Iterator[str]:
    resources = service.get("deploy", {}).get("resources", {})
    places = (service, resources.get("limits", {}), resources.get("reservations", {}))
    for asked in (place["cpus"] for place in places if "cpus" in place):
        if float(asked) > 1:
            yield f"cpus {asked}: an engine with one CPU rejects the container"


def _command(service: dict[str, Any]) -> Iterator[str]:
    for key in ("entrypoint", "command"):
        words = service.get(key) or []
        words = shlex.split(words) if isinstance(words, str) else words
        if len(words) > 2 and words[0] in SHELLS and "c" in words[1].lstrip("-"):
            yield from _script(words[2].replace("$$", "$"))


def _script(script: str) -> Iterator[str]:
    """Yield why the shell stays between the engine and the server, whom it does not pass signals on to."""
    lexer = shlex.shlex(script, posix=True, punctuation_chars=True)
    lexer.whitespace_split = True
    words = list(lexer)
    if {"|", "|&"} & set(words):
        yield "a pipe in the command: the shell stays, stops nothing and hides what fails before the pipe"
    last = max((at for at, word in enumerate(words) if word in {";", "&&", "||"}), default=-1)
    if words[last + 1 : last + 2] != ["exec"]:
        yield "the command does not end with exec: the shell stays and passes no signal on"


def _memory(service: dict[str, Any]) -> Iterator[str]:
    """Yield tmpfs mounts that can grow until the container is killed for its memory, which they are part of."""
    limit = service.get("deploy", {}).get("resources", {}).get("limits", {}).get("memory")
    mounts = service.get("tmpfs", [])
    if limit is None or not mounts:
        return
    total = _bytes(str(service.get("shm_size", "0")))
    for mount in mounts:
        size = re.search(r"\bsize=(\w+)", mount)
        if size is None:
            yield f"tmpfs {mount} has no size: it may take half the memory of the machine"
            continue
        total += _bytes(size[1])
    if total > _bytes(str(limit)) / 2:
        yield f"tmpfs and shm_size take {total // 2**20} MiB of {limit}: a full disk must come before a kill"


def _bytes(size: str) -> int:
    number, unit = re.fullmatch(r"(\d+)([bkmg]?)b?", size.lower()).groups()  # type: ignore[union-attr]
    return int(number) * UNITS[unit]


def _front_end(dockerfile: str) -> Iterator[str]:
    if re.match(r"#\s*syntax\s*=", dockerfile, re.IGNORECASE):
        yield "Dockerfile: `# syntax=` lets every build fetch a front end from a registry, and nothing here needs one"


def _static_files(dockerfile: str, root: Path) -> Iterator[str]:
    """Yield what the Dockerfile's own collectstatic says in an empty environment, with what the image copies."""
    instructions = _instructions(dockerfile)
    line = next((text for word, text in instructions if word == "RUN" and "collectstatic" in text), "")
    command = next((part for part in line.split("&&") if "collectstatic" in part), "")
    if not command:
        yield "Dockerfile: no RUN collects the static files"
        return
    with tempfile.TemporaryDirectory() as folder:
        _copy(instructions, root, Path(folder) / "app")
        command = command.replace("/opt/venv/bin/python", sys.executable).replace("/srv/static", f"{folder}/static")
        environment = {"PATH": "/usr/bin:/bin", "PYTHONDONTWRITEBYTECODE": "1"}
        done = subprocess.run(
            ["sh", "-c", command], cwd=f"{folder}/app", env=environment, capture_output=True, text=True, check=False
        )
    if done.returncode:
        yield f"Dockerfile: {' '.join(command.split())}\n{done.stdout}{done.stderr}".rstrip()


def _instructions(dockerfile: str) -> list[tuple[str, str]]:
    """Return (instruction, the rest of its line) with continued lines joined and comments left out."""
    without_comments = re.sub(r"^\s*#.*\n", "", dockerfile, flags=re.MULTILINE)
    lines = re.sub(r"\\\n", " ", without_comments).splitlines()
    words = (line.split(maxsplit=1) for line in lines if line.strip())
    return [(found[0].upper(), found[1] if len(found) > 1 else "") for found in words]


def _copy(instructions: list[tuple[str, str]], root: Path, target: Path) -> None:
    """Copy what the Dockerfile takes from the checkout, and no more."""
    target.mkdir()
    for text in (text for word, text in instructions if word == "COPY" and not text.startswith("--")):
        *sources, to = text.split()
        for source in sources:
            if (root / source).is_dir():
                shutil.copytree(root / source, target / to, ignore=shutil.ignore_patterns("tests", "__pycache__"))
            else:
                place = target / to / Path(source).name if to.endswith("/") else target / to
                place.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(root / source, place)

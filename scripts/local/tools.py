"""The programs that some tests need beside Python, and how a test says so."""

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest


def _on_path(*names: str) -> Callable[[], bool]:
    return lambda: any(shutil.which(name, path=SEARCH) for name in names)


def _node() -> bool:
    """Return whether npm is there, and Node.js in a version that the tools run on."""
    node = shutil.which("node", path=SEARCH)
    if not node or not shutil.which("npm", path=SEARCH):
        return False
    version = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout
    return int(version.strip().removeprefix("v").partition(".")[0] or 0) >= NODE


def _jars() -> bool:
    """Return whether there is a Java compiler with the libraries that a generated client imports."""
    compiler = shutil.which("javac", path=SEARCH)
    return bool(compiler) and all((JARS / f"{name}.jar").exists() for name in JAVA_LIBRARIES)


def _namespaces() -> bool:
    """Return whether a network namespace can really be made: containers often forbid it."""
    if not shutil.which("ip", path=SEARCH) or not shutil.which("unshare", path=SEARCH):
        return False
    tried = subprocess.run(
        ["unshare", "--net", "ip", "link", "set", "lo", "up"],
        env={**os.environ, "PATH": SEARCH},
        capture_output=True,
        check=False,
    )
    return tried.returncode == 0


NODE = 20
JARS = Path("/usr/share/java")  # where Debian's packages put them
JAVA_LIBRARIES = ("httpclient", "httpcore", "httpmime", "jakarta-annotation-api")
SEARCH = os.environ.get("PATH", "") + ":/usr/sbin:/sbin:/usr/local/sbin"  # not on every user's PATH
TOOLS: dict[str, tuple[str, Callable[[], bool]]] = {
    "browser": ("Chromium or Chrome", _on_path("chromium", "chromium-browser", "google-chrome")),
    "nginx": ("nginx", _on_path("nginx")),
    "redis-cli": ("redis-cli", _on_path("redis-cli")),
    "wrk": ("wrk", _on_path("wrk")),
    "h2load": ("h2load", _on_path("h2load")),
    "node": (f"npm, and Node.js {NODE} or newer", _node),
    "java": ("a Java runtime", _on_path("java")),
    "javac": ("a Java compiler, libhttpmime-java and libjakarta-annotation-api-java", _jars),
    "go": ("Go", _on_path("go")),
    "root": ("root, to mount inside namespaces", lambda: os.geteuid() == 0),
    "namespaces": ("network namespaces (ip, unshare, the right to use them)", _namespaces),
}


def missing() -> dict[str, str]:
    """Return {name: what it is} of the tools that this machine does not have."""
    return {name: what for name, (what, is_there) in TOOLS.items() if not is_there()}


def needs(*names: str) -> None:
    """Leave the calling test out when one of the named TOOLS is missing. With CI=true it fails instead."""
    for name in names:
        what, is_there = TOOLS[name]
        if not is_there():
            leave_out(f"needs {what}")


def leave_out(reason: str) -> None:
    """Skip the calling test, or fail it where everything must run."""
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)

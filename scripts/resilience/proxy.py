"""The shipped nginx in front of an installation, on a port of its own."""

from __future__ import annotations

import shutil
import socket
from pathlib import Path

from scripts.local import processes
from scripts.local.environment import ROOT
from scripts.local.processes import StackError
from scripts.resilience.installation import Installation

SHIPPED = ROOT / "scripts" / "deploy" / "nginx"
UPSTREAMS = (
    "upstream taskhouse {{ server 127.0.0.1:{web} max_fails=1 fail_timeout=2s; }}\n"
    "upstream taskhouse_stream {{ server 127.0.0.1:{stream} max_fails=1 fail_timeout=2s; }}\n"
)


def start_proxy(installation: Installation, folder: Path, *, web: int, stream: int) -> int:
    """Start nginx with the shipped files in front of the two ports, and return its own.

    It ends with the installation, which knows it as `proxy`. StackError where nginx is missing or does not answer.
    """
    nginx = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
    if nginx is None:
        raise StackError("nginx is not installed; leave out --proxy.")
    folder.mkdir()
    port = _free_port()
    conf = write_files(folder, port=port, web=web, stream=stream)
    command = [nginx, "-p", str(folder), "-c", str(conf), "-g", "daemon off;"]
    installation.adopt("proxy", processes.spawn(command, log=installation.log("proxy")))
    if not processes.wait_until(lambda: _answers(port), seconds=60):
        raise StackError(f"nginx does not answer:\n{installation.log('proxy').read_text()[-3000:]}")
    return port


def write_files(folder: Path, *, port: int, web: int, stream: int) -> Path:
    """Write the shipped files with other ports and folders and nothing else changed; return nginx.conf."""
    for source in SHIPPED.glob("*.conf"):
        text = source.read_text()
        text = text.replace("listen 8080;", f"listen 127.0.0.1:{port};").replace("    listen [::]:8080;\n", "")
        text = text.replace("/tmp/", f"{folder}/").replace("/dev/stdout", f"{folder}/access.log")
        text = text.replace("include mime.types;", "").replace("include taskhouse/", f"include {folder}/")
        text = text.replace("include enabled/", f"include {folder}/enabled/")
        (folder / source.name).write_text(text)
    (folder / "upstream.conf").write_text(UPSTREAMS.format(web=web, stream=stream))
    return folder / "nginx.conf"


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as found:
        port: int = found.getsockname()[1]
    return port


def _answers(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True

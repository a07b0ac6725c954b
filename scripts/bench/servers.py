"""The processes that are measured: gunicorn as shipped, one worker process each."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
from pathlib import Path
from types import TracebackType
from typing import Self

from scripts.local import direct
from scripts.local.environment import ROOT

START_SECONDS = 120  # a busy machine takes its time


class Server:
    """One gunicorn with a single worker process; ends with the `with` block."""

    def __init__(self, name: str, application: str, env: dict[str, str], folder: Path) -> None:
        self.name, self.application, self.env = name, application, env
        self.log = folder / f"{name}.log"
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"

    def __enter__(self) -> Self:
        # One of those that serve a site, so it is bound to a CPU as they are, unless somebody says otherwise.
        bound = {"WEB_CPU_AFFINITY": "on"}
        alone = {"WEB_BIND": f"127.0.0.1:{self.port}", "WEB_WORKERS": "1", "PYTHONPATH": str(ROOT)}
        env = bound | os.environ | self.env | alone
        # As shipped, but for the renewal of the worker after 20,000 requests: a run has more.
        argv = [
            sys.executable,
            "-m",
            "gunicorn",
            "--config",
            "config/gunicorn.py",
            "--max-requests",
            "0",
            self.application,
        ]
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(argv, env=env, cwd=ROOT, stdout=log, stderr=log)
        began = time.monotonic()
        while not self._answers():
            if self.process.poll() is not None or time.monotonic() - began > START_SECONDS:
                self.process.kill()
                raise RuntimeError(f"{self.name} did not start:\n{self.log.read_text()[-2000:]}")
            time.sleep(0.05)
        self.start_seconds = time.monotonic() - began
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(60)

    def memory(self) -> float:
        """Return the resident memory of the worker process, in MB."""
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        pages = max(int(Path(f"/proc/{child}/statm").read_text().split()[1]) for child in children)
        return pages * os.sysconf("SC_PAGE_SIZE") / 1e6

    def _answers(self) -> bool:
        try:
            with direct.open_url(f"{self.url}/api/empty/", timeout=2):
                return True
        except urllib.error.HTTPError:
            return True
        except OSError:
            return False

"""The shipped compose files, in a copy of the checkout, as somebody runs them who follows the pages."""

import json
import re
import shutil
import ssl
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from email.message import Message
from pathlib import Path

from scripts.containers.engine import Engine
from scripts.local.environment import ROOT
from scripts.local.tour_client import until

HTTP = "http://localhost"
MAILS = "http://127.0.0.1:8025"
HEALTHY_SECONDS = 240  # for everything to come up on a busy machine
ANSWER_SECONDS = 70  # while a container loads, requests wait in its backlog; nginx gives up after 60
# What is not part of the project, or must not come from this machine's own use of it.
LEFT_OUT = (".git", ".venv*", ".local", ".env", "__pycache__", "backups", "certs", ".*_cache", ".hypothesis")


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: object) -> None:
        """Answer None: a redirect is an answer like any other."""


_certificates = ssl.create_default_context()
_certificates.check_hostname = False
_certificates.verify_mode = ssl.CERT_NONE  # the site's certificate is of our own making
_opener = urllib.request.build_opener(
    urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=_certificates), _NoRedirect
)


class Wrong(AssertionError):
    """The installation does not do what the pages say."""


def expect(truth: object, what: str) -> None:
    """Raise Wrong, saying `what` was expected, unless `truth` holds."""
    if not truth:
        raise Wrong(what)


@dataclass(frozen=True)
class Answer:
    """An HTTP answer; status 0 where nobody answered."""

    status: int
    headers: Message
    body: bytes
    seconds: float = 0


class Site:
    """An installation with containers on an engine."""

    def __init__(self, engine: Engine) -> None:
        self.engine, self.folder = engine, engine.folder / "site"
        self.notes: list[str] = []  # figures worth printing
        shutil.rmtree(self.folder, ignore_errors=True)
        shutil.copytree(ROOT, self.folder, symlinks=True, ignore=shutil.ignore_patterns(*LEFT_OUT))

    def compose(
        self, *words: object, check: bool = True, env: Mapping[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]:
        """Run `docker compose` in the folder; Wrong when it fails, unless `check` is false."""
        done = self.engine.docker("compose", *words, cwd=self.folder, env=env, check=False)
        expect(not check or done.returncode == 0, f"docker compose {' '.join(map(str, words))}:\n{done.stdout[-3000:]}")
        return done

    def up(self, *words: str, env: Mapping[str, str] | None = None) -> float:
        """Run `docker compose up` until all is healthy; return the seconds, or say what is not and why."""
        began = time.monotonic()
        done = self.compose("up", "-d", "--wait", "--wait-timeout", HEALTHY_SECONDS, *words, check=False, env=env)
        if done.returncode:
            state = self.compose("ps", "--all", check=False, env=env).stdout
            logs = self.compose("logs", "--tail", "15", check=False, env=env).stdout
            raise Wrong(f"not everything came up:\n{done.stdout[-1500:]}\n{state}\n{logs[-6000:]}")
        return time.monotonic() - began

    def shell(self, script: str, *, check: bool = True) -> str:
        """Run commands of a page in the folder, word for word; return what they print."""
        done = subprocess.run(
            ["sh", "-ec", script],
            cwd=self.folder,
            env=self.engine.environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        expect(not check or done.returncode == 0, f"{script}\n{done.stdout[-3000:]}")
        return done.stdout

    def documented(self, page: str, word: str) -> str:
        """Return the commands of the block of a page that has this word in it."""
        blocks: list[str] = re.findall(
            r"^```sh\n(.*?)^```$", (self.folder / page).read_text(), re.MULTILINE | re.DOTALL
        )
        found = [block for block in blocks if word in block]
        expect(len(found) == 1, f"{page} has {len(found)} blocks with {word!r}")
        return found[0]

    def settings(self) -> dict[str, str]:
        """Return what `.env` says."""
        lines = (self.folder / ".env").read_text().splitlines()
        return dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))

    def set(self, **values: str) -> None:
        """Write settings into `.env`, each in its line, as somebody with an editor would."""
        path = self.folder / ".env"
        text = path.read_text()
        for name, value in values.items():
            text, count = re.subn(rf"^#?{name}=.*$", f"{name}={value}", text, flags=re.MULTILINE)
            expect(count == 1, f".env has {count} lines for {name}")
        path.write_text(text)

    def containers(self, service: str) -> list[str]:
        """Return the ids of a service's containers, running or not."""
        project = f"label=com.docker.compose.project={self.project}"
        mine = f"label=com.docker.compose.service={service}"
        return self.engine.docker("ps", "--all", "--quiet", "--filter", project, "--filter", mine).stdout.split()

    @property
    def project(self) -> str:
        """Return the name of the production project."""
        match = re.search(r"^name: *(\S+)", (self.folder / "docker-compose.yml").read_text(), re.MULTILINE)
        assert match is not None
        return str(match[1])

    def inspect(self, container: str, template: str) -> str:
        """Return a part of what the engine knows about a container."""
        return self.engine.docker("inspect", "--format", template, container).stdout.strip()

    def get(self, path: str, *, base: str = HTTP, headers: Mapping[str, str] | None = None) -> Answer:
        """Ask the proxy from outside the containers."""
        return self.engine.inside(get, base + path, headers)

    def await_ready(self, *, base: str = HTTP, headers: Mapping[str, str] | None = None) -> None:
        """Wait until the site is ready through the proxy; on a busy machine the database may be late."""
        until(
            lambda: self.get("/health/ready/", base=base, headers=headers).status == 200,
            seconds=HEALTHY_SECONDS,
            what=f"200 through the proxy at {base}",
        )


def get(url: str, headers: Mapping[str, str] | None = None) -> Answer:
    """Send a GET request without following redirects."""
    request = urllib.request.Request(url, headers=dict(headers or {}))
    began = time.monotonic()
    try:
        with _opener.open(request, timeout=ANSWER_SECONDS) as response:
            return Answer(response.status, response.headers, response.read(), time.monotonic() - began)
    except urllib.error.HTTPError as error:
        return Answer(error.code, error.headers, error.read(), time.monotonic() - began)
    except OSError as error:
        return Answer(0, Message(), str(error).encode(), time.monotonic() - began)


def lines_of_json(text: str) -> list[str]:
    """Return the lines that are no JSON object."""
    return [line for line in text.splitlines() if line and not _is_object(line)]


def _is_object(line: str) -> bool:
    try:
        return isinstance(json.loads(line), dict)
    except ValueError:
        return False


def published(folder: Path = Path("/proc/thread-self/net")) -> set[str]:
    """Return the `address:port` pairs that somebody listens on in the calling thread's network."""
    found = set()
    for name in ("tcp", "tcp6"):
        for line in (folder / name).read_text().splitlines()[1:]:
            local, state = line.split()[1], line.split()[3]
            if state == "0A":  # LISTEN, net/tcp_states.h
                address, _, port = local.partition(":")
                found.add(f"{_address(address)}:{int(port, 16)}")
    return found


def _address(digits: str) -> str:
    if len(digits) > 8:
        return "[::]" if set(digits) == {"0"} else f"[{digits}]"
    return ".".join(str(byte) for byte in reversed(bytes.fromhex(digits)))

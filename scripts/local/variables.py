"""The variables of scripts/run, manage and tour, looked at before anything starts."""

import os
from collections.abc import Iterator, Mapping
from urllib.parse import urlsplit

DEFAULT_HOST, DEFAULT_PORT = "127.0.0.1", 8000
EVERYWHERE = {"0.0.0.0": DEFAULT_HOST, "::": "[::1]"}  # host to listen on: where we find it ourselves
SWITCHES = ("DEMO", "RELOAD")
COUNTS = ("WEB_WORKERS", "WEB_THREADS", "WORKER_CONCURRENCY")
MOST = 1000  # of what is counted: more is a slip of the keyboard


class Unusable(ValueError):
    """A variable has a value that nothing can be done with; the text says what to write instead."""


def port(environment: Mapping[str, str] = os.environ) -> int:
    """Return PORT, 8000 by default; 0 lets the system choose. Raises Unusable."""
    text = environment.get("PORT") or str(DEFAULT_PORT)
    if not _is_number(text, 0, 65535):
        raise Unusable(f"PORT={text} is no port: give a number from 1 to 65535, for example PORT=8001")
    return int(text)


def host(environment: Mapping[str, str] = os.environ) -> str:
    """Return HOST, 127.0.0.1 by default."""
    return environment.get("HOST") or DEFAULT_HOST


def url(environment: Mapping[str, str] = os.environ) -> str:
    """Return where a web server that listens on HOST and PORT is found from this machine. Raises Unusable."""
    name = host(environment)
    name = EVERYWHERE.get(name, f"[{name}]" if ":" in name else name)
    return f"http://{name}:{port(environment)}"


def require_usable(environment: Mapping[str, str] = os.environ) -> None:
    """Raise Unusable for the first variable that cannot be used."""
    port(environment)
    for problem in _problems(environment):
        raise Unusable(problem)


def _problems(environment: Mapping[str, str]) -> Iterator[str]:
    for name in SWITCHES:
        if environment.get(name) not in (None, "", "0", "1"):
            yield f"{name}={environment[name]} is neither 1 (on) nor 0 (off)"
    for name in COUNTS:
        if environment.get(name) and not _is_number(environment[name], 1, MOST):
            yield f"{name}={environment[name]} is no number from 1 to {MOST}, for example {name}=2"
    url = environment.get("PUBLIC_URL")
    if url and not _is_web_address(url):
        yield f"PUBLIC_URL={url} is no address: give scheme and host, for example PUBLIC_URL=http://tasks.example:8000"


def _is_number(text: str, least: int, most: int) -> bool:
    # At most five digits: int() takes 8_000, digits of other scripts and lines of them.
    return text.isascii() and text.isdigit() and len(text) <= 5 and least <= int(text) <= most


def _is_web_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False

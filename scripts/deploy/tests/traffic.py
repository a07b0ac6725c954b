"""Honest clients and slow ones, as a process inside a machine of namespaces; prints one JSON line.

python -m scripts.deploy.tests.traffic load --url U --seconds 10 --threads 4 [--retry-url V]
python -m scripts.deploy.tests.traffic slow --address 127.0.0.1 --port 8080 --sockets 500 --seconds 10
"""

from __future__ import annotations

import argparse
import http.client
import json
import secrets
import socket
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from scripts.local.tour_client import Client

PASSWORD = "a-long-walk-in-the-hills"


@dataclass
class Result:
    """What the threads of one load saw. `seconds` are those of answered requests."""

    seconds: list[float] = field(default_factory=list)
    failures: Counter[str] = field(default_factory=Counter)
    retried: int = 0
    created: list[int] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)
    ended: threading.Event = field(default_factory=threading.Event)

    def shown(self) -> dict[str, Any]:
        """Return it as JSON can hold it."""
        ordered = sorted(self.seconds) or [0.0]
        return {
            "requests": len(self.seconds),
            "failures": dict(self.failures),
            "retried": self.retried,
            "created": self.created,
            "p50_ms": round(ordered[len(ordered) // 2] * 1000, 2),
            "p95_ms": round(ordered[int(len(ordered) * 0.95)] * 1000, 2),
            "max_ms": round(ordered[-1] * 1000, 2),
        }


class Rejected(Exception):
    """An answer that a client would see as a failure."""


def send(
    url: str, method: str, path: str, *, token: str = "", body: Any = None, key: str = "", timeout: float = 60
) -> tuple[int, Any]:
    """Send one request on a connection of its own and return (status, JSON); Rejected for 429 and 5xx.

    `timeout` is in seconds.
    """
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=timeout)
    headers = {"Content-Type": "application/json", "Host": "localhost"}
    headers |= {"Authorization": f"Bearer {token}"} if token else {}
    headers |= {"Idempotency-Key": key} if key else {}
    try:
        connection.request(method, path, json.dumps(body) if body is not None else None, headers)
        answer = connection.getresponse()
        content = answer.read()
    finally:
        connection.close()
    if answer.status == 429 or answer.status >= 500:
        raise Rejected(f"{method} {answer.status}")
    return answer.status, json.loads(content) if content else None


def with_retry(urls: list[str], result: Result, *arguments: Any, **options: Any) -> tuple[int, Any]:
    """Send to the first address; after a failure once more, to the last one."""
    try:
        # A machine that died says nothing: who knows another one asks there soon
        return send(urls[0], *arguments, **options, timeout=5 if len(urls) > 1 else 60)
    except (Rejected, OSError, http.client.HTTPException):
        if len(urls) < 2:
            raise
    result.retried += 1
    time.sleep(0.2)
    return send(urls[-1], *arguments, **options)


def log_in(url: str, name: str) -> str:
    """Register `name` and return an access token."""
    person = {"username": name, "email": f"{name}@example.org", "password": PASSWORD}
    send(url, "POST", "/api/auth/register/", body=person)
    _, answer = send(url, "POST", "/api/auth/login/", body={"username": name, "password": PASSWORD})
    return str(answer["access"])


def work(urls: list[str], token: str, until: float, result: Result, *, body: dict[str, Any], pause: float) -> None:
    """Read and write in turn until the time is over."""
    turn = 0
    while time.monotonic() < until and not result.ended.is_set():
        turn += 1
        began = time.monotonic()
        try:
            if turn % 3:
                status, _ = with_retry(urls, result, "GET", "/api/tasks/?page_size=20", token=token)
                assert status == 200, status
            else:
                task = {"title": f"Load {turn}", **body}
                status, made = with_retry(
                    urls, result, "POST", "/api/tasks/", token=token, body=task, key=secrets.token_hex(8)
                )
                assert status == 201, (status, made)
                with result.lock:
                    result.created.append(made["id"])
        except Exception as error:  # noqa: BLE001 - whatever a client may see is counted
            with result.lock:
                result.failures[f"{type(error).__name__}: {error}"[:200]] += 1
        else:
            with result.lock:
                result.seconds.append(time.monotonic() - began)
        time.sleep(pause)


def load(options: argparse.Namespace) -> dict[str, Any]:
    """Run honest clients for the time given, or until the file appears; return what they saw."""
    token = options.token or log_in(options.url, f"load-{secrets.token_hex(4)}")
    result = Result()
    body = json.loads(options.body)
    orders = [[options.url, *options.retry_url], [*options.retry_url, options.url]]
    until = time.monotonic() + options.seconds
    threads = [
        threading.Thread(
            target=work,
            args=(orders[number % 2], token, until, result),
            kwargs={"body": body, "pause": options.pause},
        )
        for number in range(options.threads)
    ]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        if options.until_file and Path(options.until_file).exists():
            result.ended.set()
        time.sleep(0.1)
    return result.shown()


def login(options: argparse.Namespace) -> None:
    """Print an access token of a new person."""
    print(log_in(options.url, f"load-{secrets.token_hex(4)}"), flush=True)


def team(options: argparse.Namespace) -> dict[str, Any]:
    """Make a project of two; return the owner's token, the member's address and the body of a task for them."""
    owner, member = (f"{name}-{secrets.token_hex(4)}" for name in ("owner", "member"))
    token = log_in(options.url, owner)
    log_in(options.url, member)
    _, project = send(options.url, "POST", "/api/projects/", token=token, body={"name": "Under load"})
    path = f"/api/projects/{project['id']}/members/"
    _, joined = send(options.url, "POST", path, token=token, body={"username": member, "role": "member"})
    body = {"project": project["id"], "assigned_to": joined["user"]["id"]}
    return {"token": token, "address": f"{member}@example.org", "body": body}


def upload(options: argparse.Namespace) -> dict[str, Any]:
    """Attach files to a new task, and take every fourth away again; return what should be there."""
    _, task = send(options.url, "POST", "/api/tasks/", token=options.token, body={"title": "Files"})
    path = f"/api/tasks/{task['id']}/attachments/"
    client = Client(options.url, token=options.token)
    kept = []
    for number in range(options.files):
        content = secrets.token_urlsafe(100 + 37 * (number % 50))
        one = client.upload(path, f"file-{number}.txt", content.encode(), "text/plain").body
        if number % 4 == 3 and options.delete:
            send(options.url, "DELETE", f"{path}{one['id']}/", token=options.token)
        else:
            kept.append({"id": one["id"], "sha256": one["sha256"], "content": content})
    return {"task": task["id"], "uploaded": kept}


def slow(options: argparse.Namespace) -> dict[str, Any]:
    """Open sockets that send a request byte by byte and never finish; return how many stayed open."""
    head = f"POST /api/tasks/ HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100000\r\nX-Slow: {'a' * 400}\r\n"
    sockets = []
    for number in range(options.sockets):
        one = socket.create_connection((options.address, options.port), timeout=10)
        # Half of them stop within the headers, half within the body.
        one.sendall(head.encode() + (b"\r\n{" if number % 2 else b""))
        one.setblocking(False)
        sockets.append(one)
    print("open", flush=True)
    until = time.monotonic() + options.seconds
    alive = sockets
    while time.monotonic() < until:
        alive = [one for one in alive if _drip(one)]
        time.sleep(1)
    return {"opened": len(sockets), "alive": len(alive)}


def _drip(one: socket.socket) -> bool:
    try:
        one.send(b"a")
    except OSError:
        return False
    return True


def main() -> None:
    parser = argparse.ArgumentParser()
    verbs = parser.add_subparsers(dest="verb", required=True)
    honest = verbs.add_parser("load")
    honest.add_argument("--url", required=True)
    honest.add_argument("--retry-url", action="append", default=[])
    honest.add_argument("--seconds", type=float, default=5)
    honest.add_argument("--threads", type=int, default=2)
    honest.add_argument("--pause", type=float, default=0.0)
    honest.add_argument("--token", default="")
    honest.add_argument("--until-file", default="")
    honest.add_argument("--body", default="{}")
    person = verbs.add_parser("login")
    person.add_argument("--url", required=True)
    pair = verbs.add_parser("team")
    pair.add_argument("--url", required=True)
    files = verbs.add_parser("upload")
    files.add_argument("--url", required=True)
    files.add_argument("--token", required=True)
    files.add_argument("--files", type=int, default=1)
    files.add_argument("--delete", action="store_true")
    lazy = verbs.add_parser("slow")
    lazy.add_argument("--address", default="127.0.0.1")
    lazy.add_argument("--port", type=int, required=True)
    lazy.add_argument("--sockets", type=int, default=500)
    lazy.add_argument("--seconds", type=float, default=10)
    options = parser.parse_args()
    answer = {"load": load, "login": login, "slow": slow, "team": team, "upload": upload}[options.verb](options)
    if answer is not None:
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()

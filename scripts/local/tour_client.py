"""What the tour walks with: an HTTP client, the mail folder, and steps that stop at the first surprise."""

from __future__ import annotations

import email
import email.policy
import json
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from scripts.local import direct

TIMEOUT = 30  # seconds for one request
WIDTH = 160  # characters of an answer that are shown


class Surprise(Exception):
    """The server did not do what docs/api.md says."""


class Unreachable(Surprise):
    """There was no answer at all."""


@dataclass
class Answer:
    """An HTTP answer: `body` is parsed JSON where it is JSON, else bytes."""

    status: int
    headers: Any
    body: Any

    def __getitem__(self, name: str) -> Any:
        return self.body[name]


@dataclass
class Client:
    """One person's client; `token` is their access token."""

    url: str
    name: str = "anybody"
    token: str = ""
    headers: dict[str, str] = field(default_factory=dict)

    def call(
        self, method: str, path: str, body: Any = None, *, expect: int = 200, quiet: bool = False, **headers: str
    ) -> Answer:
        """Send JSON, print the exchange and return the answer; Surprise unless it has status `expect`."""
        data = None if body is None else json.dumps(body).encode()
        sent = {"Content-Type": "application/json"} if data is not None else {}
        return self._send(method, path, data, sent | _named(headers), expect=expect, quiet=quiet)

    def upload(self, path: str, name: str, content: bytes, content_type: str, *, expect: int = 201) -> Answer:
        """Send one file as multipart/form-data (RFC 7578)."""
        form_type, data = file_form(name, content, content_type)
        return self._send("POST", path, data, {"Content-Type": form_type}, expect=expect, quiet=False)

    def _send(
        self, method: str, path: str, data: bytes | None, headers: dict[str, str], *, expect: int, quiet: bool
    ) -> Answer:
        url = path if path.startswith("http") else self.url + path
        request = urllib.request.Request(url, data=data, method=method, headers=self.headers | headers)
        if self.token:
            request.add_header("Authorization", f"Bearer {self.token}")
        try:
            with direct.open_url(request, timeout=TIMEOUT) as response:
                answer = _answer(response.status, response.headers, response.read())
        except urllib.error.HTTPError as error:
            answer = _answer(error.code, error.headers, error.read())
        except OSError as error:
            reason = error.reason if isinstance(error, urllib.error.URLError) else error
            raise Unreachable(f"no answer from {url}: {reason}") from None
        if not quiet:
            print(f"  {self.name}: {method} {path} -> {answer.status} {_short(answer.body)}")
        if answer.status != expect:
            raise Surprise(f"{method} {path} answered {answer.status} instead of {expect}: {answer.body!r}")
        return answer


@dataclass
class Mailbox:
    """The folder in which the local mail catcher puts one file per mail, named by time and recipient.

    Each mail is read once: a folder that has been used for weeks holds thousands.
    """

    folder: Path
    _known: set[str] = field(default_factory=set, repr=False)
    _mails: list[tuple[str, str, EmailMessage]] = field(default_factory=list, repr=False)  # recipient, text; in order

    def __post_init__(self) -> None:
        self._known = self._names()  # what is there before the walk is not for people of the walk

    def _names(self) -> set[str]:
        try:
            return {path.name for path in self.folder.iterdir() if path.suffix == ".eml"}
        except FileNotFoundError:
            return set()

    def _read(self) -> None:
        fresh = self._names() - self._known
        for name in sorted(fresh):
            message = email.message_from_bytes((self.folder / name).read_bytes(), policy=email.policy.default)
            assert isinstance(message, EmailMessage)
            self._mails.append((str(message["To"]).lower(), f"{message['Subject']}\n{text_of(message)}", message))
        self._known |= fresh

    def find(self, recipient: str, *words: str) -> EmailMessage | None:
        """Return the newest mail to `recipient` that has all `words` in subject or text."""
        self._read()
        for to, text, message in reversed(self._mails):
            if recipient.lower() in to and all(word in text for word in words):
                found: EmailMessage = message
                return found
        return None

    def wait(self, recipient: str, *words: str, seconds: float = 15) -> tuple[EmailMessage, float]:
        """Return the mail and how long it took, in seconds; Surprise when it does not come."""
        began = time.monotonic()
        message = until(
            lambda: self.find(recipient, *words),
            seconds=seconds,
            what=f"mail to {recipient} ({words}) in {self.folder}",
        )
        return message, time.monotonic() - began


def file_form(name: str, content: bytes, content_type: str) -> tuple[str, bytes]:
    """Return the Content-Type and the body that send one file in the field `file` (RFC 7578)."""
    boundary = uuid.uuid4().hex
    head = (
        f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n'
        f"Content-Type: {content_type}\r\n\r\n"
    )
    data = head.encode() + content + f"\r\n--{boundary}--\r\n".encode()
    return f"multipart/form-data; boundary={boundary}", data


def text_of(message: EmailMessage) -> str:
    """Return the plain text part of a mail."""
    part = message.get_body(("plain",))
    return part.get_content() if part else ""


def until(probe: Callable[[], Any], *, seconds: float, what: str) -> Any:
    """Ask `probe` until it answers something true; Surprise after `seconds`."""
    end = time.monotonic() + seconds
    while not (found := probe()):
        if time.monotonic() > end:
            raise Surprise(f"{what} did not come within {seconds:g} s")
        time.sleep(0.2)
    return found


def require(truth: object, what: str) -> None:
    """Raise Surprise unless `truth` holds; print what was seen."""
    if not truth:
        raise Surprise(what)
    print(f"  seen: {what}")


def _named(headers: dict[str, str]) -> dict[str, str]:
    return {name.replace("_", "-"): value for name, value in headers.items()}


def _answer(status: int, headers: Any, raw: bytes) -> Answer:
    is_json = "json" in (headers.get("Content-Type") or "")
    return Answer(status, headers, json.loads(raw) if is_json and raw else raw)


def _short(body: Any) -> str:
    if isinstance(body, bytes):
        return f"({len(body)} bytes)" if body else ""
    text = json.dumps(_without_secrets(body), ensure_ascii=False)
    return text if len(text) <= WIDTH else text[:WIDTH] + " ..."


def _without_secrets(body: Any) -> Any:
    if isinstance(body, dict):
        return {key: "..." if key in {"access", "refresh"} else value for key, value in body.items()}
    return body


def lines(text: str) -> Iterator[str]:
    """Yield the lines of a mail, indented for the terminal."""
    for line in text.strip().splitlines():
        yield f"    | {line}"

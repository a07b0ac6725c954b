"""What people do with the site: the tour with mail from the catcher, and things that must outlive the questions."""

import contextlib
import email
import email.policy
import hashlib
import io
import json
import secrets
from collections.abc import Mapping
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from scripts.containers.site import HTTP, MAILS, Site, Wrong, expect, get
from scripts.local import tour_client
from scripts.local.tour import Tour
from scripts.local.tour_client import Client, Mailbox, text_of

PASSWORD = "a-landmark-in-the-hills"


class Catcher(Mailbox):
    """The mails that the catcher of the compose file has, by its API."""

    def __init__(self, url: str = MAILS) -> None:
        super().__init__(Path())
        self.url = url

    def find(self, recipient: str, *words: str) -> EmailMessage | None:
        """Return the newest mail to `recipient` that has all `words` in subject or text."""
        for summary in json.loads(get(f"{self.url}/api/v1/messages").body or b"{}").get("messages", []):
            if recipient.lower() not in {one["Address"].lower() for one in summary["To"]}:
                continue
            raw = get(f"{self.url}/api/v1/message/{summary['ID']}/raw").body
            message = email.message_from_bytes(raw, policy=email.policy.default)
            assert isinstance(message, EmailMessage)
            text = f"{message['Subject']}\n{text_of(message)}"
            if all(word in text for word in words):
                return message
        return None


def walk(site: Site) -> int:
    """Walk the whole tour of scripts/tour through the proxy; return the number of steps."""
    return site.engine.inside(_walk)


def _walk() -> int:
    said = io.StringIO()
    steps = Tour(HTTP, Catcher()).steps()
    with contextlib.redirect_stdout(said):
        for step in steps:
            try:
                step()
            except (tour_client.Surprise, OSError) as surprise:
                raise Wrong(f"{step.__doc__}: {surprise}\n{said.getvalue()[-2000:]}") from surprise
    return len(steps)


class Landmark:
    """A person with a project, a task and a file, made once and looked for again."""

    def __init__(self, site: Site) -> None:
        self.site, self.name = site, f"kay-{secrets.token_hex(3)}"
        self.content = "".join(f"{secrets.token_hex(40)}\n" for _ in range(2000)).encode()
        self.task = self.file = 0
        site.engine.inside(self._make)

    def _client(self) -> Client:
        return Client(HTTP, self.name)

    def _log_in(self) -> Client:
        client = self._client()
        body = {"username": self.name, "password": PASSWORD}
        client.token = client.call("POST", "/api/auth/login/", body, quiet=True)["access"]
        return client

    def _make(self) -> None:
        said = io.StringIO()
        with contextlib.redirect_stdout(said):
            body = {"username": self.name, "email": f"{self.name}@example.org", "password": PASSWORD}
            self._client().call("POST", "/api/auth/register/", body, expect=201)
            client = self._log_in()
            project = client.call("POST", "/api/projects/", {"name": "Landmark"}, expect=201)["id"]
            self.task = client.call("POST", "/api/tasks/", {"project": project, "title": "Stay"}, expect=201)["id"]
            path = f"/api/tasks/{self.task}/attachments/"
            self.file = client.upload(path, "plan.txt", self.content, "text/plain")["id"]

    def check(self) -> None:
        """Raise Wrong unless the task is there and the file comes back byte for byte."""
        self.site.engine.inside(self._check)

    def _check(self) -> None:
        client = self._log_in()
        path = f"/api/tasks/{self.task}/attachments/{self.file}/download/"
        content = client.call("GET", path, quiet=True).body
        same = hashlib.sha256(content).digest() == hashlib.sha256(self.content).digest()
        expect(same, "the file comes back as it was")


def log_in(site: Site, name: str, password: str, *, base: str = HTTP, headers: Mapping[str, str] | None = None) -> Any:
    """Log in from outside the containers and return the answer's body."""
    client = Client(base, name, headers=dict(headers or {}))
    body = {"username": name, "password": password}
    return site.engine.inside(client.call, "POST", "/api/auth/login/", body, quiet=True).body

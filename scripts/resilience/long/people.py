"""People at work: each logs in, reads, writes, sends files and opens pages, round after round."""

from __future__ import annotations

import random
import threading
import time
from dataclasses import dataclass
from typing import Any

from scripts.local.tour_client import file_form
from scripts.resilience.long.book import Book
from scripts.resilience.stream_people import People
from scripts.resilience.traffic import PASSWORD, Answer, Client

NOTES = b"Notes of a meeting, line by line.\n" * 500
PATIENCE = 60  # seconds after which a request counts as one that nobody answered


@dataclass(frozen=True)
class Place:
    """Where people work and who they are; `rate` is how many requests a second each of them sends at most."""

    url: str
    people: People
    rate: float


class Person(threading.Thread):
    """One of them. Each request is sent once, over a connection of its own: one that is kept may rightly be closed."""

    def __init__(self, number: int, place: Place, book: Book, over: threading.Event) -> None:
        super().__init__(name=f"person{number}", daemon=True)
        self.place, self.book, self.over = place, book, over
        self.number, self.token = number, ""
        self.chance = random.Random(number)
        self.project = place.people.project
        self.former = 0  # the task of the round before
        self._due = time.monotonic()

    def run(self) -> None:
        """Work until the run is over; a round in which something failed is left, and the next one begins."""
        while not self.over.is_set():
            self.round()

    def round(self) -> None:
        """Do one of everything."""
        account = {"username": f"person{self.number}", "password": PASSWORD}
        login = self._ask("login", "POST", "/api/auth/login/", account)
        if login.status != 200:
            return
        self.token = login.body["access"]
        self._read()
        others = [pk for pk in self.place.people.members if pk != self.place.people.members[self.number]]
        body = {"project": self.project, "title": "Work of a long day", "assigned_to": self.chance.choice(others)}
        created = self._ask("create", "POST", "/api/tasks/", body, expected=201)
        if created.status == 201:
            task = created.body["id"]
            self._write(task)
            self._exchange_files(task)
            self._open_pages(task)
            self.former = task
        self._ask("logout", "POST", "/api/auth/logout/", {}, expected=204)

    def _read(self) -> None:
        of_project = f"project={self.project}"
        self._ask("health", "GET", "/health/")
        self._ask("list", "GET", f"/api/tasks/?{of_project}")
        self._ask("column", "GET", f"/api/tasks/?{of_project}&status=todo&ordering=rank")
        self._ask("search", "GET", f"/api/tasks/?{of_project}&search=long")
        self._ask("statistics", "GET", f"/api/tasks/statistics/?{of_project}")
        self._ask("activity", "GET", f"/api/projects/{self.project}/activity/")
        self._ask("notifications", "GET", "/api/notifications/?unread=true")

    def _write(self, task: int) -> None:
        path = f"/api/tasks/{task}/"
        self._ask("patch", "PATCH", path, {"title": "Work of a long night", "priority": "high"})
        status = self.chance.choice(["in_progress", "review", "done"])
        self._ask("status", "PATCH", f"{path}status/", {"status": status})
        if self.former:
            self._ask("move", "POST", f"{path}move/", {"after": self.former})
        self._ask("comment", "POST", f"{path}comments/", {"body": "Seen on **Android** as well."}, expected=201)
        deleted = self._ask("delete", "DELETE", path, expected=204)
        if deleted.status == 204:
            self._ask("restore", "POST", f"{deleted.location}restore/", {})
        self._ask("task", "GET", path)

    def _exchange_files(self, task: int) -> None:
        kind, form = file_form("notes.txt", NOTES, "text/plain")
        path = f"/api/tasks/{task}/attachments/"
        sent = self._ask("upload", "POST", path, form, expected=201, Content_Type=kind)
        if sent.status == 201:
            self._ask("download", "GET", f"{path}{sent.body['id']}/download/")

    def _open_pages(self, task: int) -> None:
        from django.conf import settings

        cookie = f"{settings.PAGE_COOKIE_NAME}={self.place.people.cookie}"
        project = f"/projects/{self.project}/"
        for kind, path in (
            ("day", "/"),
            ("project", project),
            ("board", f"{project}board/"),
            ("task", f"/tasks/{task}/"),
        ):
            self._ask(f"page: {kind}", "GET", path, token="", Cookie=cookie)

    def _ask(
        self,
        kind: str,
        method: str,
        path: str,
        body: Any = None,
        *,
        expected: int = 200,
        token: str | None = None,
        **headers: str,
    ) -> Answer:
        """Wait for one's turn and ask once. When the run is over nothing is asked, and the answer has status 0."""
        self._due = max(self._due + 1 / self.place.rate, time.monotonic())
        if self.over.wait(self._due - time.monotonic()):
            return Answer(0)
        client = Client(self.place.url, self.token if token is None else token, timeout=PATIENCE)
        answer = client.ask(method, path, body, Connection="close", **headers)
        self.book.note(kind, answer, expected)
        return answer

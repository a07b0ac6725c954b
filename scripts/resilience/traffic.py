"""A client that never gives up: it asks until it is answered, and remembers how long that took."""

from __future__ import annotations

import http.client
import json
import threading
import time
import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

PASSWORD = "fire-drill-password-1"


@dataclass(frozen=True)
class Answer:
    """`status` is 0 when nobody answered in time; `location` is the header of that name."""

    status: int
    body: Any = None
    seconds: float = 0.0
    location: str = ""


@dataclass
class Account:
    """What a run of traffic saw."""

    statuses: dict[int, int] = field(default_factory=dict)
    slowest: float = 0.0
    unexpected: list[str] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def note(self, answer: Answer, what: str) -> None:
        """Count an answer."""
        with self.lock:
            self.statuses[answer.status] = self.statuses.get(answer.status, 0) + 1
            self.slowest = max(self.slowest, answer.seconds)
            if answer.status >= 400:
                self.unexpected.append(f"{what}: {answer.status} {answer.body}")

    def errors(self) -> int:
        """Return how many answers were 5xx."""
        return sum(count for status, count in self.statuses.items() if status >= 500)


class Client:
    """One HTTP connection, opened anew when it breaks."""

    def __init__(self, url: str, token: str = "", *, timeout: float = 15, account: Account | None = None) -> None:
        self.host = urlsplit(url).netloc
        self.token, self.timeout, self.account = token, timeout, account
        self._connection: http.client.HTTPConnection | None = None

    def ask(self, method: str, path: str, body: Any = None, **headers: str) -> Answer:
        """Ask once; a body that is no bytes is sent as JSON."""
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        if body is not None and not isinstance(body, bytes):
            sent, body = sent | {"Content-Type": "application/json"}, json.dumps(body)
        sent |= {"Authorization": f"Bearer {self.token}"} if self.token else {}
        began = time.monotonic()
        try:
            if self._connection is None:
                self._connection = http.client.HTTPConnection(self.host, timeout=self.timeout)
            self._connection.request(method, path, body, sent)
            response = self._connection.getresponse()
            raw = response.read()
            location = response.getheader("Location", "")
            answer = Answer(response.status, _parsed(raw), time.monotonic() - began, location)
        except (OSError, http.client.HTTPException):
            if self._connection is not None:
                self._connection.close()
            self._connection = None
            answer = Answer(0, None, time.monotonic() - began)
        if self.account is not None:
            self.account.note(answer, f"{method} {path}")
        return answer

    def insist(self, method: str, path: str, body: Any, *, seconds: float = 120) -> Answer:
        """Ask with one Idempotency-Key until there is an answer that is neither 5xx, 429 nor 409."""
        key = uuid.uuid4().hex
        deadline = time.monotonic() + seconds
        while True:
            answer = self.ask(method, path, body, Idempotency_Key=key)
            if 200 <= answer.status < 500 and answer.status not in (409, 429):
                return answer
            if time.monotonic() > deadline:
                raise TimeoutError(f"{method} {path}: no answer but {answer}")
            time.sleep(0.1)


def _parsed(raw: bytes) -> Any:
    try:
        return json.loads(raw)
    except ValueError:
        return raw[:200]


@dataclass
class Accounts:
    """Who is in the play: the owner's token, the project, and whom to assign to."""

    token: str
    project_id: int
    people: list[int]


def make_cast(url: str, *, people: int = 20, zones: Iterable[str] = ("UTC",)) -> Accounts:
    """Make an owner with a project and members; Django must be open in this process."""
    from django.contrib.auth.hashers import make_password
    from django.db import transaction
    from django.utils import timezone

    from apps.projects.models import Membership, Project
    from apps.projects.roles import Role
    from apps.users.models import User

    all_zones = list(zones)
    password = make_password(PASSWORD)
    with transaction.atomic():
        owner = User.objects.create(
            username="fire", email="fire@example.org", password=password, email_verified_at=timezone.now()
        )
        project = Project.objects.create(owner=owner, key="FIRE", name="Fire drill", members_count=people + 1)
        members = User.objects.bulk_create(
            User(username=f"person{n}", email=f"person{n}@example.org", timezone=all_zones[n % len(all_zones)])
            for n in range(people)
        )
        roles = [(owner, Role.OWNER), *((member, Role.MEMBER) for member in members)]
        Membership.objects.bulk_create(Membership(project=project, user=user, role=role) for user, role in roles)
    token = ""
    if url:
        login = Client(url).insist("POST", "/api/auth/login/", {"username": "fire", "password": PASSWORD})
        token = login.body["access"]
    return Accounts(token, project.pk, [member.pk for member in members])


def assign_tasks(
    accounts: Accounts,
    url: str,
    *,
    count: int,
    threads: int = 4,
    account: Account,
    pace: Callable[[], None] = lambda: None,
) -> list[int]:
    """Create `count` tasks, each assigned to somebody: one notification each. Return the acknowledged ids."""
    acknowledged: list[int] = []
    numbers = iter(range(count))
    lock = threading.Lock()

    def work() -> None:
        client = Client(url, accounts.token, account=account)
        while True:
            with lock:
                number = next(numbers, None)
            if number is None:
                return
            pace()
            person = accounts.people[number % len(accounts.people)]
            body = {"project": accounts.project_id, "title": f"Task {number}", "assigned_to": person}
            answer = client.insist("POST", "/api/tasks/", body)
            if answer.status != 201:
                raise AssertionError(f"POST /api/tasks/: {answer}")
            with lock:
                acknowledged.append(answer.body["id"])

    running = [threading.Thread(target=work, daemon=True) for _ in range(threads)]
    for thread in running:
        thread.start()
    for thread in running:
        thread.join()
    return acknowledged

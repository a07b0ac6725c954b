"""What is measured: the requests of each operation, drawn at random from the filled database."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import psycopg

from scripts.bench.fill import HISTORY_TASKS, TASKS_PER_PROJECT, WORD, Size

REQUESTS = 1_000  # drawn for each operation
FIVE_CONDITIONS = (
    "assignee = me and status in (todo, review) and priority >= medium and label = 'label 2' and due is not empty"
)
PASSWORD = "a-password-for-measuring"


@dataclass(frozen=True)
class Shot:
    """One request: the caller (0 for nobody), what, and the JSON sent."""

    user: int
    method: str
    path: str
    body: dict[str, Any] | None = None

    def json(self) -> str:
        """Return the body as it is sent."""
        return "" if self.body is None else json.dumps(self.body)


@dataclass(frozen=True)
class Operation:
    """A row of the table.

    `target` is the ratio to the floor that is asked for; `floor` says whether the floor does it too,
    `plain` is how the usual viewset is asked for the same, if it can be.
    """

    name: str
    shots: list[Shot]
    target: float | None = None
    floor: bool = True
    plain: list[Shot] | None = None
    writes: bool = False

    @property
    def orm(self) -> bool:
        """Return whether plain DRF with our scope, keyset and serializer answers the same requests."""
        path = self.shots[0].path  # a cursor serves the list that it was made for
        return not self.writes and "cursor=" not in path and bool(re.match(r"/api/tasks/(\?|\d+/$)", path))


class Draw:
    """Draws requests; the same seed draws the same."""

    def __init__(self, connection: psycopg.Connection[Any], size: Size, seed: int) -> None:
        self.size, self.random = size, random.Random(seed)
        rows = connection.execute("SELECT project_id, user_id, role FROM projects_membership WHERE project_id <= %s",
                                  [size.projects]).fetchall()  # fmt: skip
        self.members: dict[int, list[int]] = {}
        self.writers: dict[int, list[int]] = {}
        for project, user, role in rows:
            self.members.setdefault(project, []).append(user)
            if role != "viewer":
                self.writers.setdefault(project, []).append(user)
        self.views: dict[int, list[int]] = dict(
            connection.execute(
                "SELECT project_id, array_agg(id ORDER BY id) FROM tasks_savedview GROUP BY 1"
            ).fetchall()
        )
        self.first_task = dict(
            connection.execute("SELECT project_id, min(id) FROM tasks_task GROUP BY project_id").fetchall()
        )

    def project(self) -> int:
        """Return a project of 5,000 tasks."""
        return self.random.randint(1, self.size.projects)

    def member(self, project: int) -> int:
        """Return somebody who may read there."""
        return self.random.choice(self.members[project])

    def writer(self, project: int) -> int:
        """Return somebody who may write there."""
        return self.random.choice(self.writers[project])

    def task(self, project: int) -> int:
        """Return a task of the project."""
        return int(self.first_task[project]) + self.random.randrange(TASKS_PER_PROJECT)

    def some(self, make: Callable[[], Shot]) -> list[Shot]:
        """Return REQUESTS requests."""
        return [make() for _ in range(REQUESTS)]

    def in_project(self, query: str) -> list[Shot]:
        """Return lists of random projects by random members."""

        def make() -> Shot:
            project = self.project()
            return Shot(self.member(project), "GET", f"/api/tasks/?project={project}{query}")

        return self.some(make)


def operations(draw: Draw, cursors: dict[str, list[Shot]], refreshes: list[str]) -> list[Operation]:
    """Return everything in the order of the table.

    `cursors` holds the requests of far pages, `refreshes` tokens that nobody has used.
    """
    newest, by_due = draw.in_project(""), draw.in_project("&status=todo&ordering=due_date")
    one, new = draw.some(lambda: _one_task(draw)), draw.some(lambda: _create(draw))
    return [
        Operation("list, newest first", newest, 0.55, plain=newest),
        Operation("list, by status and due date", by_due, 0.55, plain=by_due),
        Operation("my open tasks, by due date", [_my_open(1)] * 10, 0.55, plain=[_my_open_as_usual(1)] * 10),
        Operation("page 1 of 100", draw.in_project("&page_size=50"), 0.55, plain=newest),
        *(Operation(name, shots, 0.55, plain=_by_number(name, shots)) for name, shots in cursors.items()),
        Operation("one task", one, 0.45, plain=one),
        Operation("project list", draw.some(lambda: Shot(draw.member(draw.project()), "GET", "/api/projects/")), 0.45),
        Operation("search", draw.in_project(f"&search={WORD}"), 0.60),
        Operation("filter of five conditions", draw.some(lambda: _five_conditions(draw))),
        Operation("board column", draw.in_project("&status=todo&ordering=rank"), 0.55),
        Operation("view counts", draw.some(lambda: _view_counts(draw))),
        Operation("comments of a task", draw.some(lambda: _comments(draw))),
        Operation("statistics", [_statistics(draw) for _ in range(200)], 0.60),
        Operation("unread notifications", draw.some(lambda: _unread(draw)), 0.40),
        Operation("sync state", draw.some(lambda: _sync_state(draw)), floor=False),
        Operation("sync page of 200", draw.some(lambda: _sync_page(draw))),
        Operation("create", new, 0.30, plain=new, writes=True),
        Operation("change status", _statuses(draw), 0.30, writes=True),
        Operation("move", _moves(draw), 0.30, writes=True),
        Operation("comment", draw.some(lambda: _comment(draw)), 0.30, writes=True),
        Operation("log in", [_login(user) for user in range(1, draw.size.users + 1)], floor=False, writes=True),
        Operation("refresh", [_refresh(token) for token in refreshes], floor=False, writes=True),
    ]


def _my_open(user: int) -> Shot:
    states = "status=todo&status=in_progress&status=review"
    return Shot(user, "GET", f"/api/tasks/?assigned_to=me&{states}&ordering=due_date")


def _my_open_as_usual(user: int) -> Shot:
    states = "status__in=todo,in_progress,review"
    return Shot(user, "GET", f"/api/tasks/?assigned_to={user}&{states}&ordering=due_date")


def _by_number(name: str, shots: list[Shot]) -> list[Shot]:
    """Return the same pages asked for by number, such as `page 1,000 of 2,000`."""
    number = name.split()[1].replace(",", "")
    return [Shot(shot.user, "GET", re.sub("cursor=[^&]*", f"page={number}", shot.path)) for shot in shots]


def _one_task(draw: Draw) -> Shot:
    project = draw.project()
    return Shot(draw.member(project), "GET", f"/api/tasks/{draw.task(project)}/")


def _statistics(draw: Draw) -> Shot:
    project = draw.project()
    return Shot(draw.member(project), "GET", f"/api/tasks/statistics/?project={project}")


def _unread(draw: Draw) -> Shot:
    return Shot(draw.member(draw.project()), "GET", "/api/notifications/?unread=true")


def _sync_state(draw: Draw) -> Shot:
    return Shot(draw.member(draw.project()), "GET", "/api/sync/state/")


def _sync_page(draw: Draw) -> Shot:
    project = draw.project()
    return Shot(draw.member(project), "POST", "/api/sync/", {"projects": [project]})


def _create(draw: Draw) -> Shot:
    project = draw.project()
    who, assignee = draw.writer(project), draw.member(project)
    return Shot(who, "POST", "/api/tasks/", {"project": project, "title": "A new task", "assigned_to": assignee})


def _statuses(draw: Draw) -> list[Shot]:
    """Return changes of some tasks to every status: of what comes at random three in four change something."""

    def shots(project: int) -> list[Shot]:
        path = f"/api/tasks/{draw.task(project)}/status/"
        states = ("todo", "in_progress", "review", "done")
        return [Shot(draw.writer(project), "PATCH", path, {"status": status}) for status in states]

    return [shot for _ in range(REQUESTS // 4) for shot in shots(draw.project())]


def _moves(draw: Draw) -> list[Shot]:
    """Return moves of some tasks to ten places each, for the same reason."""

    def shots(project: int) -> list[Shot]:
        task = draw.task(project)
        anchors = {draw.task(project) for _ in range(12)} - {task}
        path = f"/api/tasks/{task}/move/"
        return [Shot(draw.writer(project), "POST", path, {"after": anchor}) for anchor in sorted(anchors)[:10]]

    return [shot for _ in range(REQUESTS // 10) for shot in shots(draw.project())]


def _comment(draw: Draw) -> Shot:
    project = draw.project()
    path = f"/api/tasks/{draw.task(project)}/comments/"
    return Shot(draw.writer(project), "POST", path, {"body": "Seen on **Android** as well."})


def _comments(draw: Draw) -> Shot:
    project = draw.project()
    task = draw.first_task[project] + draw.random.randrange(HISTORY_TASKS)
    return Shot(draw.member(project), "GET", f"/api/tasks/{task}/comments/")


def _five_conditions(draw: Draw) -> Shot:
    path, body = "/api/tasks/query/", {"filter": FIVE_CONDITIONS}
    return Shot(draw.member(draw.project()), "POST", path, body)


def _view_counts(draw: Draw) -> Shot:
    project = draw.project()
    ids = "&".join(f"ids={pk}" for pk in draw.views[project])
    return Shot(draw.member(project), "GET", f"/api/views/counts/?{ids}")


def _login(user: int) -> Shot:
    return Shot(0, "POST", "/api/auth/login/", {"username": f"user{user}", "password": PASSWORD})


def _refresh(token: str) -> Shot:
    return Shot(0, "POST", "/api/auth/refresh/", {"refresh": token})

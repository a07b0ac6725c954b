"""Which of the floor's statements answers which request."""

from __future__ import annotations

import base64
import json
import re
from typing import Any, NamedTuple
from urllib.parse import parse_qs

from psycopg import Connection, Cursor

from scripts.bench import floor_reads as reads
from scripts.bench import floor_sql as sql
from scripts.bench import floor_writes as writes


class Answer(NamedTuple):
    """The statement that answers, its values, the status line of success, and what is locked before, if anything."""

    statement: str
    values: dict[str, Any]
    status: str
    lock: str | None = None


ONE_TASK = re.compile(r"/api/tasks/(\d+)/\Z")
STATUS = re.compile(r"/api/tasks/(\d+)/status/\Z")
MOVE = re.compile(r"/api/tasks/(\d+)/move/\Z")
COMMENTS = re.compile(r"/api/tasks/(\d+)/comments/\Z")


def route(method: str, path: str, query_string: str, body: dict[str, Any], user: int) -> Answer:
    """Return what answers a request."""
    parsed = parse_qs(query_string)
    query = {name: values[0] for name, values in parsed.items()}
    if method == "POST":
        return _post(path, user, body)
    if found := STATUS.match(path):
        return Answer(sql.CHANGE_STATUS, {"user": user, "task": int(found[1]), **body}, "200 OK")
    if found := ONE_TASK.match(path):
        return Answer(sql.ONE_TASK, {"user": user, "task": int(found[1])}, "200 OK")
    if found := COMMENTS.match(path):
        return Answer(reads.COMMENTS, {"user": user, "task": int(found[1])}, "200 OK")
    if path == "/api/views/counts/":
        return Answer(reads.VIEW_COUNTS, {"user": user, "ids": [int(pk) for pk in parsed["ids"]]}, "200 OK")
    if path == "/api/projects/":
        return Answer(sql.PROJECTS, {"user": user}, "200 OK")
    if path == "/api/notifications/":
        return Answer(sql.UNREAD, {"user": user}, "200 OK")
    if path == "/api/tasks/statistics/":
        return Answer(sql.STATISTICS, {"user": user, "project": int(query["project"])}, "200 OK")
    return _list(query, user)


def row_of(connection: Connection[Any], answer: Answer) -> tuple[Any, ...] | None:
    """Run what answers a request; the lock travels with it in a pipeline, which is one transaction."""
    if answer.lock is None:
        return Cursor(connection).execute(answer.statement, answer.values).fetchone()
    with connection.pipeline():
        Cursor(connection).execute(answer.lock, answer.values)
        return Cursor(connection).execute(answer.statement, answer.values).fetchone()


def _post(path: str, user: int, body: dict[str, Any]) -> Answer:
    if path == "/api/tasks/query/":
        return Answer(sql.FIVE_CONDITIONS, {"user": user}, "200 OK")
    if path == "/api/sync/":
        return Answer(reads.SYNC, {"user": user, "project": body["projects"][0]}, "200 OK")
    if found := MOVE.match(path):
        return Answer(writes.MOVE, {"user": user, "task": int(found[1]), **body}, "200 OK")
    if found := COMMENTS.match(path):
        return Answer(writes.COMMENT, {"user": user, "task": int(found[1]), **body}, "201 Created")
    return Answer(sql.CREATE, {"user": user, **body}, "201 Created", sql.LOCK_PROJECT)


def _list(query: dict[str, str], user: int) -> Answer:
    values: dict[str, Any] = {"user": user, "project": int(query.get("project", 0))}
    if "search" in query:
        return Answer(sql.SEARCH, values | {"words": f"'{query['project']}/{query['search']}':*"}, "200 OK")
    if query.get("assigned_to") == "me":
        return Answer(sql.MY_OPEN, values, "200 OK")
    if query.get("ordering") == "rank":
        return Answer(sql.BOARD, values | {"status": query["status"]}, "200 OK")
    if "status" in query:
        return Answer(sql.FILTERED, values | {"status": query["status"]}, "200 OK")
    if "cursor" in query:
        return Answer(sql.PAGE, values | dict(zip(("after", "id"), _place(query["cursor"]), strict=True)), "200 OK")
    return Answer(sql.NEWEST, values, "200 OK")


def _place(cursor: str) -> list[Any]:
    """Return the sort key in a cursor of the API."""
    values: list[Any] = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))[2]
    return values

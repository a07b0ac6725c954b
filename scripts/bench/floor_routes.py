"""Which of the floor's statements answers which request."""

from __future__ import annotations

import base64
import json
import re
from typing import Any
from urllib.parse import parse_qs

from scripts.bench import floor_reads as reads
from scripts.bench import floor_sql as sql
from scripts.bench import floor_writes as writes

Answer = tuple[str, dict[str, Any], str]
ONE_TASK = re.compile(r"/api/tasks/(\d+)/\Z")
STATUS = re.compile(r"/api/tasks/(\d+)/status/\Z")
MOVE = re.compile(r"/api/tasks/(\d+)/move/\Z")
COMMENTS = re.compile(r"/api/tasks/(\d+)/comments/\Z")


def route(method: str, path: str, query_string: str, body: dict[str, Any], user: int) -> Answer:
    """Return the statement of a request, its values and the status line of success."""
    parsed = parse_qs(query_string)
    query = {name: values[0] for name, values in parsed.items()}
    if method == "POST":
        return _post(path, user, body)
    if found := STATUS.match(path):
        return sql.CHANGE_STATUS, {"user": user, "task": int(found[1]), **body}, "200 OK"
    if found := ONE_TASK.match(path):
        return sql.ONE_TASK, {"user": user, "task": int(found[1])}, "200 OK"
    if found := COMMENTS.match(path):
        return reads.COMMENTS, {"user": user, "task": int(found[1])}, "200 OK"
    if path == "/api/views/counts/":
        return reads.VIEW_COUNTS, {"user": user, "ids": [int(pk) for pk in parsed["ids"]]}, "200 OK"
    if path == "/api/projects/":
        return sql.PROJECTS, {"user": user}, "200 OK"
    if path == "/api/notifications/":
        return sql.UNREAD, {"user": user}, "200 OK"
    if path == "/api/tasks/statistics/":
        return sql.STATISTICS, {"user": user, "project": int(query["project"])}, "200 OK"
    return _list(query, user)


def _post(path: str, user: int, body: dict[str, Any]) -> Answer:
    if path == "/api/tasks/query/":
        return sql.FIVE_CONDITIONS, {"user": user}, "200 OK"
    if path == "/api/sync/":
        return reads.SYNC, {"user": user, "project": body["projects"][0]}, "200 OK"
    if found := MOVE.match(path):
        return writes.MOVE, {"user": user, "task": int(found[1]), **body}, "200 OK"
    if found := COMMENTS.match(path):
        return writes.COMMENT, {"user": user, "task": int(found[1]), **body}, "201 Created"
    return sql.CREATE, {"user": user, **body}, "201 Created"


def _list(query: dict[str, str], user: int) -> Answer:
    values: dict[str, Any] = {"user": user, "project": int(query.get("project", 0))}
    if "search" in query:
        return sql.SEARCH, values | {"words": f"'{query['search']}':*"}, "200 OK"
    if query.get("assigned_to") == "me":
        return sql.MY_OPEN, values, "200 OK"
    if query.get("ordering") == "rank":
        return sql.BOARD, values | {"status": query["status"]}, "200 OK"
    if "status" in query:
        return sql.FILTERED, values | {"status": query["status"]}, "200 OK"
    if "cursor" in query:
        return sql.PAGE, values | dict(zip(("after", "id"), _place(query["cursor"]), strict=True)), "200 OK"
    return sql.NEWEST, values, "200 OK"


def _place(cursor: str) -> list[Any]:
    """Return the sort key in a cursor of the API."""
    values: list[Any] = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))[2]
    return values

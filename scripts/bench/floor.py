"""The floor: a bare WSGI program that checks the same token and does the work in one SQL statement.

It answers the same paths with the same JSON, made by PostgreSQL, so one load generator serves both.
No framework, no session look-up, no validation: what is left is what Python and PostgreSQL cost.
"""

from __future__ import annotations

import base64
import json
import os
import re
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import parse_qs

import jwt
from psycopg.conninfo import make_conninfo
from psycopg_pool import ConnectionPool

from scripts.bench import floor_sql as sql

Start = Callable[[str, list[tuple[str, str]]], object]
ONE_TASK = re.compile(r"/api/tasks/(\d+)/\Z")
STATUS = re.compile(r"/api/tasks/(\d+)/status/\Z")
KEY = os.environ["JWT_SIGNING_KEY"]


def _pool() -> ConnectionPool[Any]:
    conninfo = make_conninfo(
        host=os.environ["POSTGRES_HOST"],
        port=os.environ["POSTGRES_PORT"],
        user=os.environ["POSTGRES_USER"],
        password=os.environ["POSTGRES_PASSWORD"],
        dbname=os.environ["POSTGRES_DB"],
    )
    return ConnectionPool(
        conninfo, min_size=4, max_size=16, open=True, kwargs={"autocommit": True, "prepare_threshold": 0}
    )


pool = _pool()


def application(environ: dict[str, Any], start: Start) -> Iterable[bytes]:
    """Answer one request."""
    path = environ["PATH_INFO"]
    if path == "/empty/":
        return _answer(start, "200 OK", b"{}")
    scheme, _, token = environ.get("HTTP_AUTHORIZATION", "").partition(" ")
    try:
        if scheme != "Bearer":
            raise jwt.InvalidTokenError
        claims = jwt.decode(token, KEY, algorithms=["HS256"], audience="taskhouse-api", issuer="taskhouse")
    except jwt.InvalidTokenError:
        return _answer(start, "401 Unauthorized", b"{}")
    user = int(claims["sub"] if "sub" in claims else claims["user_id"])
    statement, values, status = route(environ, path, user)
    with pool.connection() as connection:
        row = connection.execute(statement, values).fetchone()
    if row is None or row[0] is None:
        return _answer(start, "404 Not Found", b"{}")
    return _answer(start, status, row[0].encode())


def route(environ: dict[str, Any], path: str, user: int) -> tuple[str, dict[str, Any], str]:
    """Return the statement of a request, its values and the status line of success."""
    query = {name: values[0] for name, values in parse_qs(environ.get("QUERY_STRING", "")).items()}
    if environ["REQUEST_METHOD"] == "POST":
        body = json.load(environ["wsgi.input"])
        return sql.CREATE, {"user": user, **body}, "201 Created"
    if found := STATUS.match(path):
        body = json.load(environ["wsgi.input"])
        return sql.CHANGE_STATUS, {"user": user, "task": int(found[1]), **body}, "200 OK"
    if found := ONE_TASK.match(path):
        return sql.ONE_TASK, {"user": user, "task": int(found[1])}, "200 OK"
    if path == "/api/projects/":
        return sql.PROJECTS, {"user": user}, "200 OK"
    if path == "/api/notifications/":
        return sql.UNREAD, {"user": user}, "200 OK"
    if path == "/api/tasks/statistics/":
        return sql.STATISTICS, {"user": user, "project": int(query["project"])}, "200 OK"
    return _list(query, user)


def _list(query: dict[str, str], user: int) -> tuple[str, dict[str, Any], str]:
    values: dict[str, Any] = {"user": user, "project": int(query.get("project", 0))}
    if "search" in query:
        return sql.SEARCH, values | {"words": f"'{query['search']}':*"}, "200 OK"
    if query.get("assigned_to") == "me":
        return sql.MY_OPEN, values, "200 OK"
    if "status" in query:
        return sql.FILTERED, values | {"status": query["status"]}, "200 OK"
    if "cursor" in query:
        return sql.PAGE, values | dict(zip(("after", "id"), _place(query["cursor"]), strict=True)), "200 OK"
    return sql.NEWEST, values, "200 OK"


def _place(cursor: str) -> list[Any]:
    """Return the sort key in a cursor of the API."""
    values: list[Any] = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))[2]
    return values


def _answer(start: Start, status: str, body: bytes) -> list[bytes]:
    start(status, [("Content-Type", "application/json"), ("Content-Length", str(len(body)))])
    return [body]

"""The floor: a bare WSGI program that checks the same token and does the work in one SQL statement.

A creation locks its project before, in the same transaction and the same round trip.

It answers the same paths with the same JSON, made by PostgreSQL, so one load generator serves both.
No framework, no session look-up, no validation: what is left is what Python and PostgreSQL cost.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable
from typing import Any

import jwt
from psycopg.conninfo import make_conninfo
from psycopg_pool import ConnectionPool

from scripts.bench.floor_routes import route, row_of

Start = Callable[[str, list[tuple[str, str]]], object]
KEY = os.environ["JWT_SIGNING_KEY"]


def _pool() -> ConnectionPool[Any]:
    conninfo = make_conninfo(
        host=os.environ["POSTGRES_HOST"],
        port=os.environ["POSTGRES_PORT"],
        user=os.environ["POSTGRES_USER"],
        password=os.environ["POSTGRES_PASSWORD"],
        dbname=os.environ["POSTGRES_DB"],
        # Each plan is right for whatever is asked for, and to plan anew would cost more than most of them
        options="-c plan_cache_mode=force_generic_plan",
    )
    return ConnectionPool(
        conninfo, min_size=4, max_size=16, open=True, kwargs={"autocommit": True, "prepare_threshold": 0}
    )


pool = _pool()


def application(environ: dict[str, Any], start: Start) -> Iterable[bytes]:
    """Answer one request."""
    path = environ["PATH_INFO"]
    if path == "/api/empty/":
        return _answer(start, "200 OK", b"{}")
    scheme, _, token = environ.get("HTTP_AUTHORIZATION", "").partition(" ")
    try:
        if scheme != "Bearer":
            raise jwt.InvalidTokenError
        claims = jwt.decode(token, KEY, algorithms=["HS256"], audience="taskhouse-api", issuer="taskhouse")
    except jwt.InvalidTokenError:
        return _answer(start, "401 Unauthorized", b"{}")
    user = int(claims["sub"] if "sub" in claims else claims["user_id"])
    body = json.load(environ["wsgi.input"]) if environ["REQUEST_METHOD"] in {"POST", "PATCH"} else {}
    answer = route(environ["REQUEST_METHOD"], path, environ.get("QUERY_STRING", ""), body, user)
    with pool.connection() as connection:
        row = row_of(connection, answer)
    if row is None or row[0] is None:
        return _answer(start, "404 Not Found", b"{}")
    return _answer(start, answer.status, row[0].encode())


def _answer(start: Start, status: str, body: bytes) -> list[bytes]:
    start(status, [("Content-Type", "application/json"), ("Content-Length", str(len(body)))])
    return [body]

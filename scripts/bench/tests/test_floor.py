"""The floor answers each request as the API does: the same rows, so that their times can be compared."""

from __future__ import annotations

import json
from collections import Counter

import pytest
from django.db import connection, transaction
from psycopg import Cursor
from rest_framework.test import APIClient

from apps.users.credentials.tokens import AccessToken
from apps.users.models import Session
from scripts.bench import fan_out
from scripts.bench.fill import Size, fill
from scripts.bench.floor_routes import route, row_of
from scripts.bench.operations import Draw, operations

WRITTEN = ("tasks_task", "tasks_comment", "tasks_watch", "projects_activity", "notifications_notification")

pytestmark = pytest.mark.django_db


def rows_in(answer):
    """Return what can be compared of an answer: the ids in a list, the numbers, or the id of a single row."""
    if "results" in answer:
        return [row["id"] for row in answer["results"]]
    if "changes" in answer and isinstance(answer["changes"], list):
        return len(answer["changes"])
    return answer.get("counts") or answer.get("total") or answer["title" if "title" in answer else "body"]


def rows_written():
    """Return how many rows of each kind there are."""
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(f"SELECT '{table}', count(*) FROM {table}" for table in WRITTEN))
        return Counter(dict(cursor.fetchall()))


def test_the_floor_finds_and_writes_the_rows_of_every_operation(settings):
    settings.THROTTLE_RATES = {**settings.THROTTLE_RATES, "write": "1000/1", "sync": "1000/1"}
    assert not Session.objects.exists()  # the test's transaction has begun: what is filled in ends with it
    size = Size(projects=1, users=30, large=False)
    fill(connection.connection, size, password="x")
    draw = Draw(Cursor(connection.connection), size, 1)
    tokens = {session.user_id: AccessToken.of(session) for session in Session.objects.filter(pk__lte=size.users)}
    compared = [operation for operation in operations(draw, {}, []) if operation.floor]

    different = {}
    for name, shot in [(each.name, shot) for each in compared for shot in each.shots[: 5 if each.writes else 1]]:
        path, _, query = shot.path.partition("?")
        floor_answer = route(shot.method, path, query, shot.body or {}, shot.user)
        before = rows_written()
        with transaction.atomic():
            row = row_of(connection.connection, floor_answer)
            by_floor = rows_written() - before
            transaction.set_rollback(True)
        client = APIClient(headers={"Authorization": f"Bearer {tokens[shot.user]}"})
        answer = client.generic(shot.method, shot.path, shot.json(), content_type="application/json")
        by_us = rows_written() - before
        assert row is not None, name
        assert answer.status_code == int(floor_answer.status[:3]), (name, answer.content)
        floor, ours = (by_floor, rows_in(json.loads(row[0]))), (by_us, rows_in(json.loads(answer.content)))
        assert ours[1], f"{name} finds nothing, so it measures nothing"
        if floor != ours:
            different[name, shot.json()] = (floor, ours)

    assert different == {}
    assert fan_out.compare(1, rounds=1).keys() == {"ours_ms", "floor_ms", "ratio", "target"}  # both made all deliveries
    names = {operation.name for operation in compared}
    assert names >= {"create", "change status", "move", "comment", "one task", "project list", "unread notifications"}
    assert names >= {"my open tasks, by due date", "search", "statistics", "board column", "sync page of 200"}
    assert names >= {"view counts", "filter of five conditions", "comments of a task"}

"""Asks every operation of the OpenAPI schema as everybody about everything, and compares."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.apps import apps
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, transaction
from drf_spectacular.generators import SchemaGenerator
from rest_framework.test import APIClient

from config.tests.access.expectations import EXPECTED
from config.tests.access.rows import Row
from config.tests.access.world import ABSENT, ABSENT_UUID, ACTORS, World

# Failed logins are counted
NOT_COUNTED = {"users_loginfailure"}


@dataclass(frozen=True)
class Operation:
    """One method of one path of the schema."""

    name: str
    method: str
    path: str


@dataclass(frozen=True)
class Cell:
    """One question of the matrix and what was wrong with its answer."""

    operation: Operation
    actor: str
    relation: str
    expected: int

    def __str__(self) -> str:
        return f"{self.operation.name} as {self.actor} on {self.relation}"


@cache
def schema() -> dict[str, Any]:
    """Return the OpenAPI schema, which is made once: nobody may change it."""
    made: dict[str, Any] = SchemaGenerator().get_schema(request=None, public=True)
    return made


def operations() -> list[Operation]:
    """Return every operation of the schema."""
    return [
        Operation(described["operationId"], method, path)
        for path, methods in schema()["paths"].items()
        for method, described in methods.items()
    ]


def cells(wanted: Iterable[Operation]) -> Iterator[Cell]:
    """Yield every cell of the operations."""
    for operation in wanted:
        for relation, answers in EXPECTED[operation.name].answers.items():
            for actor in ACTORS:
                yield Cell(operation, actor, relation, answers[actor])


def ids_of(world: World, cell: Cell, row: Row) -> dict[str, int]:
    """Return the ids by kind that a relation stands for."""
    kinds = {"project", "task", "attachment", "report", "export", "import", "user", "session", "notification", "person"}
    kinds |= {"batch", "comment", "former", "label", "other_label", "trashed", "relation", "sibling", "token", "view"}
    kinds |= {"webhook", "delivery"}
    kinds |= {"invitation", "secret", "feed", "source", "external"}
    if cell.relation == "absent":
        return dict.fromkeys(kinds, ABSENT) | {"batch": ABSENT_UUID, "secret": "x" * 43, "source": "jira"}
    if cell.relation == "mine":
        mine: Mapping[str, int] = world.personal.get(cell.actor, world.personal["owner"])
        person = world.people.get(cell.actor, world.people["owner"])
        return {**mine, "person": person.pk}
    place = world.places[{"mismatch": "own", "swapped": "foreign"}.get(cell.relation, cell.relation)]
    ids = place.ids() | world.personal["stranger"] | {"person": world.stranger.pk}  # type: ignore[union-attr]
    if cell.relation in {"mismatch", "swapped"}:  # the parent of one place with the child of the other
        other = world.places["foreign" if cell.relation == "mismatch" else "own"].ids()
        child = list(row.ids.values())[-1]
        ids[child] = other[child]
    return ids


def ask(client: APIClient, world: World, cell: Cell) -> Any:
    """Send one request and return its response."""
    row = EXPECTED[cell.operation.name]
    ids = ids_of(world, cell, row)
    path = cell.operation.path.format(**{name: ids[kind] for name, kind in row.ids.items()})
    token = world.tokens.get(cell.actor)
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    send = getattr(client, cell.operation.method)
    if cell.operation.method == "get":
        return send(path, headers=headers)
    if row.form:
        upload = SimpleUploadedFile("note.txt", b"hello")
        return send(path, {"file": upload, **(row.body(ids) or {})}, format="multipart", headers=headers)
    return send(path, row.body(ids), format="json", headers=headers)


def content_of(response: Any) -> bytes:
    """Return body and headers as one text to look for canaries in."""
    body = b"".join(response.streaming_content) if response.streaming else response.content
    return body + repr(sorted(response.headers.items())).encode()


class Rows:
    """All rows of the domain, as they were when this was made inside the test's transaction."""

    def __init__(self) -> None:
        models = (model for model in apps.get_models() if model.__module__.startswith("apps."))
        self._tables = sorted({model._meta.db_table for model in models} - NOT_COUNTED)
        self._writes, self._before = self._count_writes(), self._fingerprint()

    def have_changed(self) -> bool:
        """Return whether any row differs from before; what was written and undone meanwhile is no change.

        Rows are read only if any was written since they were seen unchanged: each act that was undone leaves its dead
        rows to the end of the transaction, and reading past all of them would take longer than all requests.
        """
        writes = self._count_writes()
        if writes == self._writes:
            return False
        if self._fingerprint() != self._before:
            return True
        self._writes = writes
        return False

    def _count_writes(self) -> int:
        """Return how many rows this transaction has written, also those that were undone."""
        kinds = " + ".join(f"pg_stat_get_xact_tuples_{kind}(oid)" for kind in ("inserted", "updated", "deleted"))
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT sum({kinds}) FROM unnest(%s::regclass[]) AS oid", [self._tables])
            [[count]] = cursor.fetchall()
        return int(count)

    def _fingerprint(self) -> str:
        """Return a digest of all rows."""
        parts = [
            f"SELECT '{table}', md5(coalesce(string_agg(t::text, '|' ORDER BY t::text), '')) FROM {table} t"
            for table in self._tables
        ]
        with connection.cursor() as cursor:
            cursor.execute(" UNION ALL ".join(parts))
            return repr(sorted(cursor.fetchall()))


@contextmanager
def undone() -> Iterator[None]:
    """Take back whatever happens inside."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def leaks(world: World, cell: Cell, content: bytes) -> list[str]:
    """Return the canaries in an answer that the actor may not see."""
    return [
        place.canary
        for name, place in world.places.items()
        if place.canary.encode() in content and not world.sees(cell.actor, name)
    ]


def run(world: World, wanted: Iterable[Operation], *, stop_at_first: bool = False) -> tuple[int, list[str]]:
    """Return how many cells were asked, and what was wrong."""
    client = APIClient(raise_request_exception=False)
    wrong: list[str] = []
    rows, count = Rows(), 0
    for cell in cells(wanted):
        count += 1
        with undone():
            response = ask(client, world, cell)
            content = content_of(response)
            if response.status_code != cell.expected:
                wrong.append(f"{cell}: {response.status_code}, not {cell.expected}: {content[:200]!r}")
            if found := leaks(world, cell, content):
                wrong.append(f"{cell}: leaks {found}")
            if (cell.expected >= 400 or cell.operation.method == "get") and rows.have_changed():
                wrong.append(f"{cell}: {response.status_code} but rows have changed")
        if wrong and stop_at_first:
            break
    return count, wrong

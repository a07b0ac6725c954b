"""Every operation by API token: without its scope, with it alone; in a listed, an unlisted and a foreign project."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import pytest
from rest_framework.test import APIClient

from apps.common.api.token_scopes import SCOPES
from apps.tokens.tests.factories import make_token
from config.tests.access.expectations import EXPECTED
from config.tests.access.matrix import Cell, Operation, ask, content_of, operations, schema, undone
from config.tests.access.world import World


class Question(NamedTuple):
    """What a token is asked to do, the status and code to expect, and the places whose texts it may show."""

    operation: Operation
    token: str
    relation: str
    status: int
    code: str | None
    seen: frozenset[str]

    def faults(self, world: World) -> Iterator[str]:
        """Ask, take back what it did, and yield what was wrong with the answer."""
        world.tokens["script"] = self.token
        cell = Cell(self.operation, "script", self.relation, self.status)
        with undone():
            response = ask(APIClient(raise_request_exception=False), world, cell)
            content = content_of(response)
        if response.status_code != self.status:
            yield f"{cell}: {response.status_code}, not {self.status}: {content[:90]!r}"
        elif self.code is not None and f'"{self.code}"'.encode() not in content:
            yield f"{cell}: not {self.code}: {content[:90]!r}"
        shown = [name for name, place in world.places.items() if place.canary.encode() in content]
        if leaked := [name for name in shown if name not in self.seen]:
            yield f"{cell}: leaks {leaked}"


def questions(world: World, security: dict[str, list[dict[str, list[str]]]]) -> Iterator[Question]:
    """Yield what is asked: the owner's tokens with all scopes but the needed one, with it alone, and in one project."""
    owner, nowhere = world.people["owner"], frozenset[str]()
    alone = {scope: make_token(owner, scopes=[scope]).text for scope in SCOPES}
    without = {scope: make_token(owner, scopes=set(SCOPES) - {scope}).text for scope in SCOPES}
    limited, full = make_token(owner, projects=[world.places["own"].project]).text, make_token(owner).text
    for operation in operations():
        answers = EXPECTED[operation.name].answers
        relation = "own" if "own" in answers else "mine"
        ways = security[operation.name]
        if not any(ways):
            continue  # public
        scope = next((scope for way in ways for scope in way.get("apiToken", ())), None)
        if scope is None:
            yield Question(operation, full, relation, 403, "not_for_tokens", nowhere)
            continue
        yield Question(operation, without[scope], relation, 403, "insufficient_scope", nowhere)
        expected = answers[relation]["owner"]
        yield Question(operation, alone[scope], relation, expected, None, frozenset({"own", "archived"}))
        for place in ("own", "archived", "foreign"):
            if place in answers:
                expected = answers["own" if place == "own" else "foreign"]["owner"]
                yield Question(operation, limited, place, expected, None, frozenset({"own"}))


@pytest.mark.slow
def test_tk1_tk2_tk3_every_operation_by_scope_and_project(world):
    paths: dict[str, Any] = schema()["paths"]
    described = [one for methods in paths.values() for one in methods.values()]
    security = {one["operationId"]: one.get("security", [{}]) for one in described}

    asked = list(questions(world, security))
    wrong = [fault for question in asked for fault in question.faults(world)]

    print(f"token matrix: {len(asked)} cells, wrong {len(wrong)}")
    assert wrong == [], "\n".join(wrong)

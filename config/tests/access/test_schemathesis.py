"""Generated requests: no answer is a 5xx, and none is outside the OpenAPI schema."""

from __future__ import annotations

import json
import random
import time
from collections import Counter

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from hypothesis import HealthCheck, Phase, given, seed, settings
from rest_framework.utils.encoders import JSONEncoder
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import Failure, FailureGroup
from schemathesis.specs.openapi import checks as openapi

from apps.common.web.request_validation import Utf8Handler
from config.tests.access.expectations import EXPECTED
from config.tests.access.matrix import schema as described
from config.tests.access.matrix import undone

CHECKS = [
    not_a_server_error,
    openapi.status_code_conformance,
    openapi.content_type_conformance,
    openapi.response_headers_conformance,
    openapi.response_schema_conformance,
]


@pytest.fixture(autouse=True)
def _connection_stays():
    """Keep the test's transaction: a server closes its connection after each request."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


HANDLER = Utf8Handler()


class Tally:
    """What was asked and what was wrong with the answers, each kind once per operation."""

    def __init__(self) -> None:
        self.statuses: Counter[int] = Counter()
        self.wrong: dict[str, str] = {}

    def note(self, name, response, failures):
        self.statuses[response.status_code] += 1
        for failure in failures:
            self.wrong.setdefault(f"{name} {response.status_code} {failure.title}", failure.message[:500])


def served(environ, start_response):
    """Serve as a WSGI server does: to the end of the body, then close it."""
    response = HANDLER(environ, start_response)
    try:
        return [b"".join(response)]
    finally:
        response.close()


def generated(world, actor, *, examples):
    """Send `examples` generated requests to each operation; return the tally."""
    schema = schemathesis.openapi.from_dict(json.loads(json.dumps(described(), cls=JSONEncoder)))
    schema.app = served
    tally = Tally()
    for result in schema.get_all_operations():
        _try_operation(result.ok(), world, actor, examples, tally)
    return tally


def _try_operation(operation, world, actor, examples, tally):
    name = operation.definition.raw["operationId"]
    ids = world.places["own"].ids() | world.personal[actor] | {"person": world.people[actor].pk}
    real = {parameter: ids[kind] for parameter, kind in EXPECTED[name].ids.items()}
    headers = {"Authorization": f"Bearer {world.tokens[actor]}"}
    chance = random.Random(name)

    @seed(20_261_120)
    @settings(
        max_examples=examples,
        deadline=None,
        database=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy())
    def attempt(case):
        if real and chance.random() < 0.8:
            case.path_parameters = dict(real)
        with undone():
            response = case.call(headers=headers)
            tally.note(name, response, _failures(case, response))

    attempt()


def _failures(case, response):
    try:
        case.validate_response(response, checks=CHECKS)
    except FailureGroup as group:
        return list(group.exceptions)
    except Failure as failure:
        return [failure]
    return []


def check(world, actor, *, examples):
    began = time.monotonic()
    tally = generated(world, actor, examples=examples)
    count, broken = tally.statuses.total(), sum(n for status, n in tally.statuses.items() if status >= 500)
    print(
        f"schemathesis as {actor}: {count} cases, 5xx {broken}, outside the schema {len(tally.wrong)}, "
        f"{dict(sorted(tally.statuses.items()))}, {time.monotonic() - began:.0f} s"
    )
    assert tally.wrong == {}, "\n".join(f"{what}: {message}" for what, message in tally.wrong.items())
    assert broken == 0
    return count


@pytest.mark.sample
@pytest.mark.parametrize("actor", ["member", "admin", "staff"])
def test_generated_requests_are_answered_as_documented(world, actor):
    assert check(world, actor, examples=2) > 150


@pytest.mark.slow
@pytest.mark.parametrize("actor", ["member", "admin", "staff"])
def test_five_thousand_generated_requests_are_answered_as_documented(world, actor):
    assert check(world, actor, examples=36) >= 5_000

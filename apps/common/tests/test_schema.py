"""The OpenAPI schema names the error answers of every operation."""

from __future__ import annotations

import pytest
from drf_spectacular.generators import SchemaGenerator

from apps.common.schema import refusals


@pytest.fixture(scope="module")
def paths():
    return SchemaGenerator().get_schema(request=None, public=True)["paths"]


def test_every_operation_says_that_it_may_be_unavailable_as_a_problem(paths):
    operations = [operation for path in paths.values() for operation in path.values()]

    assert operations
    for operation in operations:
        assert list(operation["responses"]["503"]["content"]) == ["application/problem+json"]


def test_only_operations_that_need_a_user_answer_401(paths):
    for path in paths.values():
        for operation in path.values():
            assert ("401" in operation["responses"]) == bool(operation.get("security"))


def test_what_one_operation_refuses_is_shown_with_its_code():
    ((status, media_type), answer), *others = refusals({409: {"key_taken": "The key is taken."}}).items()

    assert (status, media_type, others) == (409, "application/problem+json", [])
    assert answer.description == "`key_taken`: The key is taken."
    assert answer.examples[0].value["code"] == "key_taken"

"""The OpenAPI schema names the error answers of every operation."""

from __future__ import annotations

from apps.common.openapi.schema import rejections


def test_what_one_operation_rejects_is_shown_with_its_code():
    ((status, media_type), answer), *others = rejections({409: {"key_taken": "The key is taken."}}).items()

    assert (status, media_type, others) == (409, "application/problem+json", [])
    assert answer.description == "`key_taken`: The key is taken."
    assert answer.examples[0].value["code"] == "key_taken"

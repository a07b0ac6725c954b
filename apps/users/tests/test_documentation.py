"""Every operation of this app is described, with examples."""

from __future__ import annotations

import pytest
from drf_spectacular.generators import SchemaGenerator

NEEDS_EXAMPLES = {"post", "put", "patch"}


def operations():
    paths = SchemaGenerator().get_schema(request=None, public=True)["paths"]
    return [
        pytest.param(operation, method, id=f"{method} {path}")
        for path, methods in paths.items()
        if path.startswith(("/api/auth/", "/api/token/"))
        for method, operation in methods.items()
    ]


def has_example(content):
    return any("example" in media or "examples" in media for media in content.values())


@pytest.mark.parametrize(("operation", "method"), operations())
def test_an_operation_is_described_with_examples(operation, method):
    assert operation["summary"]
    assert operation["description"]
    if "requestBody" in operation:
        assert has_example(operation["requestBody"]["content"])
    good = {status: answer for status, answer in operation["responses"].items() if status.startswith("2")}
    assert good
    for answer in good.values():
        if "content" in answer:
            assert has_example(answer["content"])


def test_the_bearer_scheme_is_declared_and_public_routes_need_nothing():
    schema = SchemaGenerator().get_schema(request=None, public=True)

    assert schema["components"]["securitySchemes"]["bearerAuth"] == {
        "type": "http",
        "scheme": "bearer",
        "bearerFormat": "JWT",
    }
    assert not any(schema["paths"]["/api/auth/login/"]["post"].get("security", []))
    token = {"apiToken": ["profile:read"]}  # with the scope that it needs
    assert schema["paths"]["/api/auth/profile/"]["get"]["security"] == [token, {"bearerAuth": []}]
    assert schema["paths"]["/api/auth/logout/"]["post"]["security"] == [{"bearerAuth": []}, {}]

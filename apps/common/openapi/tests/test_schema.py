"""The OpenAPI schema says what the API does."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from drf_spectacular.generators import SchemaGenerator

from apps.common.api.codes import FIELD_CODES, PROBLEM_CODES
from apps.common.errors import DomainError

ROOT = Path(__file__).resolve().parents[4]
SOURCES = [path for path in (ROOT / "apps").rglob("*.py") if not {"tests", "migrations"} & set(path.parts)]
# `code=` of Django's own form and check errors, not of an API answer
NOT_ANSWERED = {"limit_value", "skipped"}


@pytest.fixture(scope="module")
def schema():
    return SchemaGenerator().get_schema(request=None, public=True)


def operations(schema):
    for path, methods in schema["paths"].items():
        for method, operation in methods.items():
            yield method, path, operation


def test_every_operation_has_a_description_for_users_of_the_api(schema):
    bare = [operation["operationId"] for _, _, operation in operations(schema) if not operation.get("description")]

    assert bare == [], "extend_schema(description=...) says what docstrings do not"


def test_every_operation_has_a_summary_an_answer_and_rejections(schema):
    bare = [
        f"{method} {path}"
        for method, path, operation in operations(schema)
        if not operation.get("summary") or not {"406", "503"} <= operation["responses"].keys()
    ]

    assert bare == []


def test_only_operations_that_need_a_token_answer_401_unasked(schema):
    public = [
        (method, path)
        for method, path, operation in operations(schema)
        if "401" in operation["responses"] and not operation.get("security")
    ]

    assert all(path.startswith(("/api/auth/", "/api/token/")) for _, path in public)


def test_every_body_has_an_example(schema):
    bare = [
        name
        for name, part in schema["components"]["schemas"].items()
        if part.get("properties") and not part.get("examples")
    ]

    assert bare == []


def test_every_operation_that_needs_a_token_documents_401_and_every_body_413_and_415(schema):
    wrong = []
    for method, path, operation in operations(schema):
        expected = set()
        if any(operation.get("security", [])):
            expected.add("401")
        if method in {"post", "put", "patch"}:
            expected |= {"400", "413", "415"}
        if "{" in path:
            expected.add("404")
        if missing := expected - operation["responses"].keys():
            wrong.append((method, path, missing))

    assert wrong == []


@pytest.mark.parametrize(
    ("status", "header"),
    [
        ("401", "WWW-Authenticate"),
        ("409", "Retry-After"),
        ("412", "ETag"),
        ("429", "Retry-After"),
        ("503", "Retry-After"),
    ],
)
def test_every_error_has_the_headers_of_its_status(schema, status, header):
    shared = schema["components"]["responses"]
    answers = [
        shared[answer["$ref"].rpartition("/")[2]] if "$ref" in answer else answer
        for _, _, operation in operations(schema)
        for answer in [operation["responses"].get(status)]
        if answer
    ]

    assert len(answers) > 10
    assert all({header, "X-Request-ID"} <= answer["headers"].keys() for answer in answers)
    assert all("application/problem+json" in answer["content"] for answer in answers)


def parameters(schema, method, path):
    return {parameter["name"] for parameter in schema["paths"][path][method].get("parameters", [])}


@pytest.mark.parametrize("path", ["/api/tasks/{id}/", "/api/projects/{id}/"])
def test_tags_and_conditions_are_documented_where_they_count(schema, path):
    detail = schema["paths"][path]

    assert "If-None-Match" in parameters(schema, "get", path)
    assert "304" in detail["get"]["responses"]
    assert "ETag" in detail["get"]["responses"]["200"]["headers"]
    creation = schema["paths"][path.replace("{id}/", "")]["post"]
    assert "ETag" in creation["responses"]["201"]["headers"]
    for method in ("put", "patch", "delete"):
        assert "If-Match" in parameters(schema, method, path)
        assert "412" in detail[method]["responses"]


def test_creations_document_the_idempotency_key(schema):
    creation = schema["paths"]["/api/tasks/"]["post"]

    assert "Idempotency-Key" in parameters(schema, "post", "/api/tasks/")
    assert {"409", "422"} <= creation["responses"].keys()
    assert "Idempotency-Replayed" in creation["responses"]["201"]["headers"]


def test_the_schema_lists_every_code(schema):
    schemas = schema["components"]["schemas"]

    assert set(schemas["ProblemCode"]["enum"]) == set(PROBLEM_CODES)
    assert set(schemas["FieldErrorCode"]["enum"]) == set(FIELD_CODES)


def constants(node: ast.AST | None) -> Iterator[str]:
    """Yield the texts a code argument may be: a constant, or both sides of a choice."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.IfExp):
        yield from constants(node.body)
        yield from constants(node.orelse)


def codes_in(path: Path) -> Iterator[str]:
    """Yield every code that a module gives: `code=`, `code = `, `FieldError(…, code)`, `.at(…, code)`."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Call):
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            yield from (code for keyword in node.keywords if keyword.arg == "code" for code in constants(keyword.value))
            if name in {"FieldError", "at"} and len(node.args) > 1:
                yield from constants(node.args[1])
        elif isinstance(node, ast.Assign) and any(getattr(target, "id", "") == "code" for target in node.targets):
            yield from constants(node.value)
        elif isinstance(node, ast.Assign) and any(
            getattr(target, "id", "") == "default_error_messages" for target in node.targets
        ):
            yield from (code for key in getattr(node.value, "keys", []) for code in constants(key))


def test_every_code_in_the_source_is_in_the_list():
    known = PROBLEM_CODES.keys() | FIELD_CODES.keys() | NOT_ANSWERED
    used = {code: path.relative_to(ROOT) for path in SOURCES for code in codes_in(path)}

    assert {code: str(path) for code, path in used.items() if code not in known} == {}
    assert len(used) > 30


def test_every_kind_of_rejection_has_a_listed_code():
    def below(kind):
        for child in kind.__subclasses__():
            yield child
            yield from below(child)

    assert {kind.code for kind in below(DomainError)} <= PROBLEM_CODES.keys()


@pytest.mark.parametrize("codes", [PROBLEM_CODES, FIELD_CODES], ids=["problems", "fields"])
def test_every_code_is_in_the_documentation_with_the_same_words(codes):
    page = (ROOT / "docs" / "api.md").read_text()

    assert [code for code, when in codes.items() if f"| `{code}` | {when} |" not in page] == []

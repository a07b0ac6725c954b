"""What is done to the whole document once drf-spectacular has written it."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

from django.urls import get_script_prefix
from drf_spectacular.settings import spectacular_settings

from apps.common.api.codes import FIELD_CODES, PROBLEM_CODES
from apps.common.api.problems import CONTENT_TYPE as PROBLEM_TYPE
from apps.common.api.problems import problem
from apps.common.openapi.names import constant, singular
from apps.common.openapi.schema import HEADERS, REJECTION_HEADERS, USUAL_CODES, header_refs, rejection_name
from apps.common.openapi.walking import Document, bodies, operations, subschemas

ID_PATTERN = "^[0-9]{1,18}$"
CHOICES = "\n\n* `"  # where drf-spectacular begins to list what each value means
FORM = {
    "type": "object",
    "description": "The fields of the JSON body as parts of a form, with a file where the description says so.",
    "additionalProperties": {"type": "string", "format": "binary"},
}
ID = {"type": "integer", "format": "int64", "minimum": 0, "maximum": 10**18 - 1}


def share_enums(result: Document, generator: Any, request: Any, public: bool) -> Document:
    """Let parameters refer to the enum that bodies use, so that clients have one type for one thing.

    What the values mean stands with the enum, and not with everything that refers to it.
    """
    schemas = result["components"]["schemas"]
    known = {frozenset(schema["enum"]): name for name, schema in schemas.items() if "enum" in schema}
    for operation in operations(result):
        for parameter in operation.get("parameters", []):
            schema = parameter["schema"]
            choice = schema.get("items", schema)
            name = known.get(frozenset(choice.get("enum", ())))
            if name is not None:
                choice.clear()
                choice["$ref"] = f"#/components/schemas/{name}"
            _without_choices(parameter)
    for schema in subschemas(result):
        if "enum" not in schema:
            _without_choices(schema)
    return result


def _without_choices(described: dict[str, Any]) -> None:
    if CHOICES in described.get("description", ""):
        described["description"] = described["description"].partition(CHOICES)[0]


def distinguish_constants(result: Document, generator: Any, request: Any, public: bool) -> Document:
    """Give an enum names for its constants where an earlier enum's constants have the same names.

    In languages where the constants of all enums share one scope (Go), generated clients would not compile. The order
    of ENUM_NAME_OVERRIDES decides which is the earlier one, so that a new enum at its end changes no other.
    """
    order = [*spectacular_settings.ENUM_NAME_OVERRIDES]
    schemas = result["components"]["schemas"]
    taken: set[str] = set()
    for name in sorted(schemas, key=lambda name: (order.index(name) if name in order else len(order), name)):
        schema = schemas[name]
        constants = {constant(value) for value in schema.get("enum", ())}
        if taken & constants:
            schema["x-enum-varnames"] = [constant(name, value) for value in schema["enum"]]
            constants = set(schema["x-enum-varnames"])
        taken |= constants
    return result


def add_components(result: Document, generator: Any, request: Any, public: bool) -> Document:
    """Describe response headers and usual rejections once, among the components."""
    components = result["components"]
    components["headers"] = {
        name: {"description": description, "schema": {"type": "string"}} for name, description in HEADERS.items()
    }
    answers = [answer for operation in operations(result) for answer in operation["responses"].values()]
    used = {answer["$ref"].rpartition("/")[2] for answer in answers if "$ref" in answer}
    components["responses"] = {
        name: _usual_rejection(status) for status in USUAL_CODES if (name := rejection_name(status)) in used
    }
    for path, methods in result["paths"].items():
        for parameter in (one for operation in methods.values() for one in operation.get("parameters", [])):
            if parameter["in"] == "path" and parameter["schema"].get("pattern") == ID_PATTERN:
                parameter["schema"] = dict(ID)
                parameter.setdefault("description", f"The id of the {_thing(path, parameter['name'])}.")
    return result


def _thing(path: str, parameter: str) -> str:
    """Return what a parameter of the path names: `/api/tasks/{id}/` has a task's id, and `{user_id}` is a user's."""
    if parameter != "id":
        return parameter.removesuffix("_id").replace("_", " ")
    return singular(path.partition("/{id}")[0].rpartition("/")[2]).replace("-", " ")


def name_servers(result: Document, generator: Any, request: Any, public: bool) -> Document:
    """Say where the API is: at the address the document was asked for, or at an example of an address."""
    if request is not None:
        address = request.build_absolute_uri(get_script_prefix()).rstrip("/")
        result["servers"] = [{"url": address, "description": "The server that this document comes from."}]
        return result
    result["servers"] = [{"url": "https://tasks.example.org", "description": "The address of your installation."}]
    return result


def plain_references(result: Document, generator: Any, request: Any, public: bool) -> Document:
    """Write a reference with a description as such: since OpenAPI 3.1 it needs no `allOf` around it."""
    for schema in subschemas(result):
        if len(schema.get("allOf", ())) == 1:
            schema.update(schema.pop("allOf")[0])
    return result


def open_routes(result: Document, generator: Any, request: Any, public: bool) -> Document:
    """Give routes that need no token an empty list of ways to authenticate."""
    for operation in operations(result):
        if not any(operation.get("security", [])):
            operation["security"] = []
    return result


def open_forms(result: Document, generator: Any, request: Any, public: bool) -> Document:
    """Describe a form as a map of parts where an operation takes JSON too.

    openapi-generator makes no class of a schema that only forms use, and yet imports it where an operation takes both:
    what it made of a named schema, or of an inline one with properties, would not compile.
    """
    schemas = result["components"]["schemas"]
    taken: set[str] = set()
    for operation in operations(result):
        content = operation.get("requestBody", {}).get("content", {})
        form = content.get("multipart/form-data", {})
        if len(content) > 1 and "$ref" in form.get("schema", {}):
            taken.add(form["schema"]["$ref"].rpartition("/")[2])
            form["schema"] = deepcopy(FORM)
    used = {schema["$ref"].rpartition("/")[2] for schema in subschemas(result) if "$ref" in schema}
    for name in taken - used:
        del schemas[name]
    return result


def plain_pages(result: Document, generator: Any, request: Any, public: bool) -> Document:
    """Leave `count` out of examples of lists, which have it only when asked, and examples out of its description."""
    for schema in result["components"]["schemas"].values():
        if {"next", "previous", "results"} <= schema.get("properties", {}).keys():
            for field in schema["properties"].values():
                field.pop("example", None)
    for _, content in bodies(result):
        for example in content.get("examples", {}).values():
            if isinstance(example["value"], dict) and "results" in example["value"]:
                example["value"].pop("count", None)
    return result


def _usual_rejection(status: int) -> dict[str, Any]:
    code = USUAL_CODES[status]
    body = problem(status, code, PROBLEM_CODES[code], instance="/api/") | {"request_id": "5f0c1d"}
    if code == "validation_error":
        body["errors"] = [{"pointer": "/name", "code": "invalid", "detail": FIELD_CODES["invalid"]}]
    content = {"schema": {"$ref": "#/components/schemas/Problem"}, "examples": {code: {"value": body}}}
    headers = header_refs(*REJECTION_HEADERS.get(status, []))
    return {"description": PROBLEM_CODES[code], "headers": headers, "content": {PROBLEM_TYPE: content}}

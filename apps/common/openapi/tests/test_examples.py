"""The examples in the schema are what the API takes and answers."""

from __future__ import annotations

import json

import pytest
from drf_spectacular.generators import SchemaGenerator
from jsonschema import Draft202012Validator
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012
from rest_framework.utils.encoders import JSONEncoder

from apps.common.openapi.examples import add_examples
from apps.common.openapi.walking import bodies


@pytest.fixture(scope="module")
def schema():
    document = SchemaGenerator().get_schema(request=None, public=True)
    return json.loads(json.dumps(document, cls=JSONEncoder))


def faults_of(schema, part, value):
    registry = Registry().with_resource("urn:api", Resource(contents=schema, specification=DRAFT202012))
    text = json.dumps(part).replace('"#/', '"urn:api#/')
    checker = Draft202012Validator.FORMAT_CHECKER
    return [
        error.message
        for error in Draft202012Validator(json.loads(text), registry=registry, format_checker=checker).iter_errors(
            value
        )
    ]


def test_every_example_of_a_body_and_an_answer_is_valid(schema):
    examples = [
        (content["schema"], example["value"])
        for media_type, content in bodies(schema)
        for example in content.get("examples", {}).values()
        if media_type.endswith("json")
    ]

    assert len(examples) > 100
    assert [faults for part, value in examples if (faults := faults_of(schema, part, value))] == []


def test_every_example_of_a_component_is_valid_and_from_an_operation(schema):
    for name, part in schema["components"]["schemas"].items():
        for value in part.get("examples", []):
            assert faults_of(schema, {"$ref": f"#/components/schemas/{name}"}, value) == []
    problem = schema["components"]["schemas"]["Problem"]["examples"][0]
    assert problem["title"] == {400: "Bad Request"}[problem["status"]]


def test_examples_reach_components_inside_others():
    person = {"type": "object", "required": ["id"], "properties": {"id": {"type": "integer"}}}
    task = {"properties": {"owner": {"oneOf": [{"$ref": "#/components/schemas/Person"}, {"type": "null"}]}}}
    other = {"type": "object", "required": ["code"], "properties": {"code": {}}}
    content = {
        "application/json": {
            "schema": {"$ref": "#/components/schemas/Task"},
            "examples": {"a": {"value": {"owner": {"id": 7}}}},
        }
    }
    document = {
        "paths": {"/": {"get": {"responses": {"200": {"content": content}}}}},
        "components": {"schemas": {"Person": person, "Task": task, "Other": other}},
    }

    schemas = add_examples(document, None, None, True)["components"]["schemas"]

    assert schemas["Task"]["examples"] == [{"owner": {"id": 7}}]
    assert schemas["Person"]["examples"] == [{"id": 7}]
    assert "examples" not in schemas["Other"]

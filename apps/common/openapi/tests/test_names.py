"""Clients are generated from the schema: its names are theirs."""

from __future__ import annotations

import json
import re
from collections import Counter

import pytest
from django.test.utils import override_script_prefix
from drf_spectacular.generators import SchemaGenerator

from apps.common.openapi.hooks import distinguish_constants
from apps.common.openapi.names import component_name, constant, operation_id
from apps.common.openapi.walking import operations, subschemas

CAMEL = re.compile(r"[a-z]+([A-Z][a-z0-9]*)*")


@pytest.fixture(scope="module")
def schema():
    return SchemaGenerator().get_schema(request=None, public=True)


@pytest.mark.parametrize(
    ("path", "method", "action", "of_one", "expected"),
    [
        ("/api/tasks/", "GET", "list", False, "listTasks"),
        ("/api/tasks/", "POST", "create", False, "createTask"),
        ("/api/tasks/{task_id}/comments/{id}/", "GET", "retrieve", True, "getTaskComment"),
        ("/api/tasks/{id}/", "PUT", "update", True, "replaceTask"),
        ("/api/tasks/{id}/", "PATCH", "partial_update", True, "updateTask"),
        ("/api/auth/sessions/{id}/", "DELETE", "destroy", True, "deleteSession"),
        ("/api/tasks/{id}/archive/", "POST", "archive", True, "archiveTask"),
        ("/api/tasks/statistics/", "GET", "statistics", False, "getTaskStatistics"),
        ("/api/projects/{project_id}/activity/", "GET", "list", False, "listProjectActivity"),
        ("/api/tasks/bulk-create/", "POST", "bulk_create", False, "bulkCreateTasks"),
    ],
)
def test_an_operation_is_named_by_what_it_does(path, method, action, of_one, expected):
    assert operation_id(path, method, action, of_one=of_one) == expected


@pytest.mark.parametrize(
    ("name", "options", "expected"),
    [
        ("Task", {"sent": False, "partial": False, "is_row": True}, "Task"),
        ("TaskRequest", {"sent": True, "partial": False, "is_row": True}, "TaskInput"),
        ("PatchedTaskRequest", {"sent": True, "partial": True, "is_row": True}, "TaskPatch"),
        ("LoginRequest", {"sent": True, "partial": False, "is_row": False}, "LoginRequest"),
        ("ResetRequestRequest", {"sent": True, "partial": False, "is_row": False}, "ResetRequest"),
    ],
)
def test_a_component_is_named_by_its_use(name, options, expected):
    assert component_name(name, **options) == expected


def test_operation_ids_are_camel_case_and_unique(schema):
    ids = [operation["operationId"] for operation in operations(schema)]

    assert [name for name in ids if not CAMEL.fullmatch(name)] == []
    assert [name for name, times in Counter(ids).items() if times > 1] == []


def test_no_component_is_named_as_generators_name_parts_of_operations(schema):
    ids = [operation["operationId"] for operation in operations(schema)]
    reserved = {
        name[0].upper() + name[1:] + part for name in ids for part in ("Body", "Error", "Params", "Response", "Result")
    }

    assert reserved & schema["components"]["schemas"].keys() == set()


def test_path_parameters_are_ids_of_things_numbers_of_versions_sources_or_secrets(schema):
    names = {name for path in schema["paths"] for name in re.findall(r"{(\w+)}", path)}

    assert [
        name for name in names if name not in {"id", "number", "source", "token"} and not name.endswith("_id")
    ] == []


def test_every_tag_is_described(schema):
    described = {tag["name"] for tag in schema["tags"] if tag["description"]}
    used = {tag for operation in operations(schema) for tag in operation["tags"]}

    assert used == described


def test_there_is_one_enum_for_one_thing(schema):
    components = schema["components"]["schemas"]
    enums = {name: frozenset(part["enum"]) for name, part in components.items() if "enum" in part}
    everywhere = [frozenset(part["enum"]) for part in subschemas(schema) if "enum" in part]

    assert Counter(everywhere) == Counter(enums.values())
    assert max(Counter(everywhere).values()) == 1
    assert {"NotificationKind", "ActivityVerb", "TaskStatus", "TaskPriority", "Role", "ProblemCode"} <= enums.keys()


def test_no_two_enums_have_constants_of_the_same_name(schema):
    components = schema["components"]["schemas"].values()
    constants = [constant(name) for part in components for name in part.get("x-enum-varnames", part.get("enum", ()))]

    assert [name for name, times in Counter(constants).items() if times > 1] == []


def test_an_enum_whose_constants_another_one_has_gets_names_for_them():
    schemas = {
        "EventType": {"enum": ["role.added", "role.removed"]},
        "GuestRole": {"enum": ["guest"]},
        "Role": {"enum": ["owner", "guest"]},
        "Verb": {"enum": ["role_added"]},
    }

    distinguish_constants({"components": {"schemas": schemas}}, None, None, True)

    assert {name: part["x-enum-varnames"] for name, part in schemas.items() if "x-enum-varnames" in part} == {
        "GuestRole": ["GUEST_ROLE_GUEST"],  # Role comes first in the settings
        "Verb": ["VERB_ROLE_ADDED"],
    }


def shown_by_answers(schema):
    """Return the names of the components that answers reach."""
    components, found = schema["components"]["schemas"], set()
    answers = [
        content["schema"]
        for operation in operations(schema)
        for answer in operation["responses"].values()
        for content in answer.get("content", {}).values()
    ]
    waiting = [answer["$ref"] for answer in answers if "$ref" in answer] + ["#/components/schemas/Problem"]
    while waiting:
        name = waiting.pop().rpartition("/")[2]
        if name not in found:
            found.add(name)
            waiting += re.findall(r"#/components/schemas/\w+", repr(components[name]))
    return found


ABSENT_WHEN_EMPTY = {
    ("Webhook", "secret"),
    ("Webhook", "missed"),
    ("Problem", "errors"),
    ("ProblemError", "position"),  # of a filter's text, contract FI5
    ("ProblemError", "length"),
    ("ProblemError", "expected"),
    ("TrashedRoot", "title"),  # of a task
    ("TrashedRoot", "name"),  # of a project
    ("Restored", "task"),
    ("Restored", "project"),
    ("Restored", "effects"),  # contract H4
    ("RestoreEffects", "unassigned"),
    ("TaskDetail", "effects"),
    ("TaskEffects", "batch_id"),
    ("TaskEffects", "blocked_by_open"),
    *(("SyncChange", name) for name in ("project", "seq", "data", "replaced_by")),  # contract SY
    *(("RelatedTask", name) for name in ("id", "key", "title", "status", "project")),  # contract DE4
    ("TaskEffects", "rebalanced"),
    ("TaskEffects", "subtasks_changed"),
    ("TaskEffects", "parent_is_done"),
    ("TaskEffects", "unassigned"),
    ("RestoreEffects", "detached"),
    ("TaskEffects", "dropped_labels"),
}


def test_answers_have_all_their_fields_but_those_that_are_asked_for(schema):
    components = schema["components"]["schemas"]
    optional = [
        (name, field)
        for name in shown_by_answers(schema)
        for field, described in components[name].get("properties", {}).items()
        if field not in components[name].get("required", ()) and "`include=" not in described.get("description", "")
    ]

    assert [one for one in optional if one not in ABSENT_WHEN_EMPTY and one[1] != "count"] == []


def test_ids_and_other_unbounded_numbers_have_64_bits(schema):
    for name in ("Task", "Project", "Person", "Attachment", "Session"):
        assert schema["components"]["schemas"][name]["properties"]["id"]["format"] == "int64"


def test_a_form_beside_json_is_no_class_of_its_own(schema):
    contents = [operation["requestBody"]["content"] for operation in operations(schema) if "requestBody" in operation]
    mixed = [content["multipart/form-data"]["schema"] for content in contents if len(content) > 1]

    assert len(mixed) == 2
    assert all("$ref" not in form and "properties" not in form for form in mixed)


def test_only_rows_may_be_sent_in_part(schema):
    assert schema["components"]["schemas"]["SetTaskStatusRequest"]["required"] == ["status"]
    assert "required" not in schema["components"]["schemas"]["TaskPatch"]


def test_the_served_document_names_its_server(client):
    document = json.loads(client.get("/api/schema/", HTTP_ACCEPT="application/vnd.oai.openapi+json").content)

    assert [server["url"] for server in document["servers"]] == ["http://testserver"]


def test_the_document_of_a_site_below_a_path_names_the_path_once(client):
    with override_script_prefix("/tasks-app/"):  # as the server's handler does for SCRIPT_NAME
        answer = client.get("/api/schema/", HTTP_ACCEPT="application/vnd.oai.openapi+json")

    document = json.loads(answer.content)

    assert [server["url"] for server in document["servers"]] == ["http://testserver/tasks-app"]
    assert all(path.startswith("/api/") for path in document["paths"])

"""Examples for the OpenAPI schema, made from the fields' names and types."""

from __future__ import annotations

from typing import Any

# Field name -> what a reader would expect to see there. Types and formats give the rest.
KNOWN = {
    "access": "eyJhbGciOiJIUzI1NiJ9.eyJzaWQiOjd9.2Zk0",
    "refresh": "eyJhbGciOiJIUzI1NiJ9.eyJnZW4iOjF9.9Qd1",
    "token": "Mjox:1uLq3c:5kQ0",
    "username": "ada",
    "nickname": "Ada",
    "first_name": "Ada",
    "last_name": "Lovelace",
    "email": "ada@example.org",
    "password": "correct horse battery",
    "password_confirm": "correct horse battery",
    "old_password": "correct horse battery",
    "new_password": "staple and paperclip",
    "new_password_confirm": "staple and paperclip",
    "timezone": "Europe/Berlin",
    "avatar": "https://tasks.example.org/media/avatars/5f0c1d9ab2.webp",
    "device": "Firefox on Linux",
    "ip_address": "192.0.2.7",
    "name": "Website",
    "title": "Fix the login page",
    "description": "The button does nothing on small screens.",
    "content_type": "application/pdf",
    "sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "task_key": "WEB-12",
    "number": 12,
    "size": 48_213,
    "duration": 90,
    "metadata": {"sprint": 7},
    "verb": "updated",
    "changes": {"status": {"from": "todo", "to": "done"}},
    "completion_rate": 0.5,
    "average_completion_hours": 26.5,
    "reminder_lead_minutes": 1440,
    "version": 3,
    "page_size": 50,
}
BY_FORMAT = {
    "date-time": "2026-11-20T08:00:00Z",
    "date": "2026-11-20",
    "uri": "https://tasks.example.org/api/",
    "email": "ada@example.org",
    "binary": "…",
}
BY_TYPE = {"integer": 1, "number": 0.5, "boolean": False, "string": "text"}


def add_examples(result: dict[str, Any], generator: Any, request: Any, public: bool) -> dict[str, Any]:
    """Give every object among the components an example (a hook of drf-spectacular)."""
    schemas = result["components"].get("schemas", {})
    for schema in schemas.values():
        if schema.get("properties") and "example" not in schema:
            schema["example"] = example_of(schema, schemas)
    return result


def example_of(schema: dict[str, Any], schemas: dict[str, Any], name: str = "", depth: int = 0) -> Any:
    """Return a value that the schema allows; `name` is the field's."""
    if "$ref" in schema:
        return example_of(schemas[schema["$ref"].rpartition("/")[2]], schemas, name, depth)
    for key in ("example", "default"):
        if key in schema:
            return schema[key]
    for several in ("allOf", "oneOf", "anyOf"):
        if several in schema:
            return example_of(schema[several][0], schemas, name, depth)
    if "enum" in schema:
        return schema["enum"][0]
    return _plain(schema, schemas, name, depth)


def _plain(schema: dict[str, Any], schemas: dict[str, Any], name: str, depth: int) -> Any:
    kind = schema.get("type")
    if kind == "object" or "properties" in schema:
        if name in KNOWN and not schema.get("properties"):
            return KNOWN[name]
        fields = schema.get("properties", {}) if depth < 4 else {}
        return {field: example_of(inner, schemas, field, depth + 1) for field, inner in fields.items()}
    if kind == "array":
        return [example_of(schema["items"], schemas, name, depth + 1)] if depth < 4 else []
    if name in KNOWN:
        return KNOWN[name]
    if name == "key":
        return "WEB"
    return BY_FORMAT.get(schema.get("format", "")) or BY_TYPE.get(str(kind))

"""Examples of components, taken from the examples that views give of their bodies and answers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from apps.common.openapi.walking import bodies

Schemas = dict[str, dict[str, Any]]


def add_examples(result: dict[str, Any], generator: Any, request: Any, public: bool) -> dict[str, Any]:
    """Show a component by the first value that an operation's example has for it (a hook of drf-spectacular).

    Nothing is made up: a component that no example reaches has none.
    """
    schemas: Schemas = result["components"]["schemas"]
    for schema, value in _examples(result):
        _show(schema, value, schemas)
    return result


def _examples(result: dict[str, Any]) -> Iterator[tuple[dict[str, Any], Any]]:
    """Yield (schema, value) for every example of a JSON body, form or answer."""
    for media_type, content in bodies(result):
        if media_type.endswith(("json", "form-data")):
            yield from ((content["schema"], example["value"]) for example in content.get("examples", {}).values())


def _show(schema: dict[str, Any], value: Any, schemas: Schemas) -> None:
    """Give the components that `value` has values for their example, unless they have one."""
    if "$ref" in schema:
        component = schemas[schema["$ref"].rpartition("/")[2]]
        if _fits(component, value):
            component.setdefault("examples", [value])
        _show(component, value, schemas)
    for several in ("allOf", "oneOf", "anyOf"):
        for one in schema.get(several, ()):
            _show(one, value, schemas)
    if isinstance(value, dict):
        for name, inner in value.items():
            others = schema.get("additionalProperties", {})
            _show(schema.get("properties", {}).get(name, others if isinstance(others, dict) else {}), inner, schemas)
    elif isinstance(value, list):
        for item in value:
            _show(schema.get("items", {}), item, schemas)


def _fits(component: dict[str, Any], value: Any) -> bool:
    """Return whether a value may be an object of the component."""
    return "properties" in component and isinstance(value, dict) and set(component.get("required", ())) <= value.keys()

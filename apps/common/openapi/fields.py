"""How fields that several apps have appear in the OpenAPI schema."""

from __future__ import annotations

from typing import Any

from drf_spectacular.extensions import OpenApiSerializerFieldExtension
from drf_spectacular.plumbing import ResolvedComponent

FIELD_CHANGE = {
    "type": "object",
    "description": (
        "The value of a field before and after a change: text, a number, an instant, true or false, an object, or "
        "null for nothing. People, projects and tasks are ids."
    ),
    "required": ["from", "to"],
    "properties": {"from": {"description": "The value before."}, "to": {"description": "The value after."}},
}


def shared(auto_schema: Any, name: str, schema: dict[str, Any]) -> dict[str, Any]:
    """Return a reference to the component `name`, which is made from `schema` unless it is there."""
    component = ResolvedComponent(  # type: ignore[no-untyped-call]
        name=name, type=ResolvedComponent.SCHEMA, schema=schema, object=name
    )
    auto_schema.registry.register_on_missing(component)
    reference: dict[str, Any] = component.ref
    return reference


class ChangesSchema(OpenApiSerializerFieldExtension):  # type: ignore[no-untyped-call]
    """A change of each field."""

    target_class = "apps.common.api.serializers.ChangesField"

    def map_serializer_field(self, auto_schema: Any, direction: str) -> dict[str, Any]:
        return {"type": "object", "additionalProperties": shared(auto_schema, "FieldChange", FIELD_CHANGE)}

"""What OpenAPI says of notifications: the kinds there are, and who did what they are about."""

from __future__ import annotations

from typing import Any

from drf_spectacular.extensions import OpenApiSerializerFieldExtension

from apps.common.openapi.fields import shared
from apps.notifications.preferences import optional_kinds


class KindSchema(OpenApiSerializerFieldExtension):  # type: ignore[no-untyped-call]
    """One of the kinds that appear in the app; the apps above register them."""

    target_class = "apps.notifications.serializers.KindField"

    def map_serializer_field(self, auto_schema: Any, direction: str) -> dict[str, Any]:
        kinds = {name: kind.label for name, kind in optional_kinds().items()}
        description = "\n".join(f"* `{name}` - {label}" for name, label in kinds.items())
        return shared(
            auto_schema, "NotificationKind", {"type": "string", "enum": list(kinds), "description": description}
        )


class ActorSchema(OpenApiSerializerFieldExtension):  # type: ignore[no-untyped-call]
    """A person, whose shape an app above describes."""

    target_class = "apps.notifications.serializers.PersonField"

    def map_serializer_field(self, auto_schema: Any, direction: str) -> dict[str, Any]:
        return {"$ref": "#/components/schemas/Person"}

"""How filters appear in the OpenAPI schema."""

from __future__ import annotations

from typing import Any

from drf_spectacular.contrib.django_filters import DjangoFilterExtension


class StrictFilterExtension(DjangoFilterExtension):  # type: ignore[no-untyped-call]
    """Keeps a filter's help text also where its type is given by hand."""

    target_class = "apps.common.lists.filters.StrictFilterBackend"
    match_subclasses = True
    priority = 1

    def resolve_filter_field(
        self, auto_schema: Any, model: Any, filterset_class: Any, field_name: str, filter_field: Any
    ) -> list[dict[str, Any]]:
        parameters: list[dict[str, Any]] = super().resolve_filter_field(  # type: ignore[no-untyped-call]
            auto_schema, model, filterset_class, field_name, filter_field
        )
        for parameter in parameters:
            parameter.setdefault("description", filter_field.extra.get("help_text", ""))
        return parameters

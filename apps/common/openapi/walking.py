"""Ways through the OpenAPI document."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

Document = dict[str, Any]


def operations(document: Document) -> Iterator[dict[str, Any]]:
    """Yield every operation."""
    for methods in document["paths"].values():
        yield from methods.values()


def bodies(document: Document) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield (media type, content) for every body, answer and shared answer."""
    parts = [
        part
        for operation in operations(document)
        for part in (operation.get("requestBody", {}), *operation["responses"].values())
    ]
    for part in (*parts, *document["components"].get("responses", {}).values()):
        yield from part.get("content", {}).items()


def subschemas(document: Document) -> Iterator[dict[str, Any]]:
    """Yield every schema, also those inside others."""
    tops = [*document["components"]["schemas"].values(), *(content["schema"] for _, content in bodies(document))]
    for operation in operations(document):
        tops += [parameter["schema"] for parameter in operation.get("parameters", [])]
    for top in tops:
        yield from _below(top)


def _below(schema: Any) -> Iterator[dict[str, Any]]:
    if not isinstance(schema, dict):
        return
    yield schema
    for inner in (*schema.get("properties", {}).values(), schema.get("items"), schema.get("additionalProperties")):
        yield from _below(inner)
    for several in ("allOf", "oneOf", "anyOf"):
        for inner in schema.get(several, ()):
            yield from _below(inner)

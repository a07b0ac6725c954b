"""What OpenAPI says of labels: summaries, examples, errors, and a field that is read and written differently."""

from __future__ import annotations

from typing import Any

from drf_spectacular.extensions import OpenApiSerializerFieldExtension
from drf_spectacular.plumbing import ResolvedComponent
from drf_spectacular.utils import extend_schema

from apps.common.api.serializers import ID_MAX
from apps.common.openapi.example_bodies import answer_example, request_example
from apps.common.openapi.fields import shared
from apps.common.openapi.schema import rejections
from apps.projects.schema import ARCHIVED
from apps.tasks.labels.serializers import (
    ENTRIES_MAX,
    LabelSerializer,
    MergedLabelSerializer,
    MergeLabelSerializer,
    TaskLabelSerializer,
)

LABEL: dict[str, Any] = {
    "id": 4,
    "project": 12,
    "name": "bug",
    "color": "#c8473f",
    "text_color": "#ffffff",
    "description": "",
    "tasks_count": 12,
}
EXISTS = "The project has a label with this name; `existing` is that label."
FULL = "The project has as many labels as it may have; `limit` says how many."
REJECTED = {"project_archived": ARCHIVED, "label_exists": EXISTS}


class LabelsFieldSchema(OpenApiSerializerFieldExtension):  # type: ignore[no-untyped-call]
    """Read as labels, written as ids or as what was read."""

    target_class = "apps.tasks.labels.serializers.LabelsField"

    def map_serializer_field(self, auto_schema: Any, direction: str) -> dict[str, Any]:
        label: ResolvedComponent = auto_schema.resolve_serializer(TaskLabelSerializer, "response")
        if direction == "response":
            return {"type": "array", "items": label.ref}
        label_id = {"type": "integer", "format": "int64", "minimum": 1, "maximum": ID_MAX}
        either = {"oneOf": [label_id, label.ref], "description": "A label: its id, or the label as it was read."}
        return {"type": "array", "maxItems": ENTRIES_MAX, "items": shared(auto_schema, "LabelReference", either)}


LABELS = {
    "list": extend_schema(
        summary="List the labels of a project",
        description="By name. `tasks_count` leaves out the trash.",
        examples=[answer_example("A label", LABEL)],
    ),
    "create": extend_schema(
        summary="Create a label",
        description="A name is enough. It must differ from the project's other labels in more than the case.",
        examples=[request_example("A label", {"name": "bug"}), answer_example("The label", LABEL)],
        responses={201: LabelSerializer} | rejections({409: REJECTED | {"too_many_labels": FULL}}),
    ),
    "retrieve": extend_schema(
        summary="Get a label",
        description="With the number of tasks that carry it.",
        examples=[answer_example("A label", LABEL)],
    ),
    "partial_update": extend_schema(
        summary="Update a label",
        description="Changes the fields that are sent. The tasks that carry it keep their version.",
        examples=[
            request_example("Another colour", {"color": "#3c78c2"}),
            answer_example("The label", LABEL | {"color": "#3c78c2"}),
        ],
        responses={200: LabelSerializer} | rejections({409: REJECTED}),
    ),
    "destroy": extend_schema(
        summary="Delete a label",
        description="Takes it off all tasks, archived ones and the trash included. It cannot be undone.",
        responses={204: None} | rejections({409: {"project_archived": ARCHIVED}}),
    ),
    "merge": extend_schema(
        operation_id="mergeProjectLabel",
        summary="Merge a label into another",
        description=(
            "Every task with the label carries the other one instead, and the label is gone. It cannot be undone; with "
            "`dry_run` the answer has the same numbers and nothing changes."
        ),
        request=MergeLabelSerializer,
        examples=[
            request_example("Into another", {"into": 4}),
            answer_example(
                "What changed",
                {
                    "label": LABEL | {"tasks_count": 15},
                    "tasks_changed": 3,
                    "views_changed": 0,
                    "webhooks_changed": 0,
                    "dry_run": False,
                },
            ),
        ],
        responses={200: MergedLabelSerializer} | rejections({409: {"project_archived": ARCHIVED}}),
    ),
}

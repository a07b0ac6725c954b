"""The JSON shapes of labels, and of those that a task carries."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.db.models import Expression, OuterRef
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail

from apps.common.api.serializers import IdField, NameField, StrictMixin, StrictSerializer, TextField
from apps.common.sql.json import JsonArray, json_of
from apps.tasks.labels.colors import COLOR, text_color
from apps.tasks.labels.services import Merged
from apps.tasks.models import LABEL_DESCRIPTION_LENGTH, LABEL_NAME_LENGTH, Label, Task

ENTRIES_MAX = 1_000  # of one list in a body, repeated ones included


@extend_schema_field({"type": "string", "pattern": "^#[0-9A-Fa-f]{6}$"})
class ColorField(serializers.Field):  # type: ignore[type-arg]
    """A colour, kept in lower case."""

    default_error_messages = {"invalid": "Give a colour as #rrggbb."}

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str) or COLOR.fullmatch(data) is None:
            self.fail("invalid")
        return data.lower()

    def to_representation(self, value: str) -> str:
        return value


class LabelSerializer(StrictMixin, serializers.ModelSerializer[Label]):
    """A label of a project."""

    project = serializers.IntegerField(source="project_id", read_only=True)
    name = NameField(
        max_length=LABEL_NAME_LENGTH,
        help_text="Unique in the project, whatever the case. Blanks around it are removed.",
    )
    color = ColorField(required=False, help_text="`#rrggbb`; without it the name chooses one.")
    text_color = serializers.SerializerMethodField(help_text="Black or white, whichever is easier to read on `color`.")
    description = TextField(max_length=LABEL_DESCRIPTION_LENGTH, required=False, allow_blank=True)
    tasks_count = serializers.IntegerField(read_only=True, help_text="How many tasks carry it, without the trash.")

    class Meta:
        model = Label
        fields = ("id", "project", "name", "color", "text_color", "description", "tasks_count")

    def get_text_color(self, label: Label) -> str:
        """Return the colour of text on the label."""
        return text_color(label.color)


class MergeLabelSerializer(StrictSerializer):
    """The label that is left of the two."""

    into = IdField(help_text="A label of the same project.")
    dry_run = serializers.BooleanField(default=False, help_text="Only say what would change.")


class MergedLabelSerializer(serializers.Serializer[Merged]):
    """What a merge changed, or would change."""

    label = LabelSerializer(help_text="The label that is left.")  # type: ignore[assignment]
    tasks_changed = serializers.IntegerField(help_text="Tasks that carried the merged label, with the trash.")
    views_changed = serializers.IntegerField(help_text="Views that named it.")
    webhooks_changed = serializers.IntegerField(help_text="Webhooks whose filter named it.")
    dry_run = serializers.BooleanField()


class TaskLabelSerializer(serializers.ModelSerializer[Label]):
    """A label as tasks show it."""

    class Meta:
        model = Label
        fields = ("id", "name", "color")
        read_only_fields = fields


class LabelReference(IdField):
    """A label in a body: its id, or the label as it was read."""

    def to_internal_value(self, data: Any) -> int:
        return super().to_internal_value(data.get("id") if isinstance(data, Mapping) else data)


class LabelsField(serializers.ListField):
    """Labels of a task: read as `{id, name, color}` by name, written as ids or as what was read."""

    child = LabelReference()
    shape = TaskLabelSerializer()
    default_error_messages = {"max_length": f"Name at most {ENTRIES_MAX} labels."}

    def to_internal_value(self, data: Any) -> list[int]:
        if isinstance(data, list) and len(data) > ENTRIES_MAX:
            self.fail("max_length")
        ids: list[int] = super().to_internal_value(data)
        return ids

    def get_attribute(self, instance: Task) -> Any:
        return Label.objects.filter(task_labels__task=instance).by_name()

    def to_representation(self, data: Iterable[Label]) -> list[Any]:
        return [self.shape.to_representation(label) for label in data]

    def json_sql(self, path: str) -> Expression:
        """Return them in SQL, see `apps.common.sql.json`."""
        carried = Label.objects.filter(task_labels__task=OuterRef(f"{path}pk")).by_name()
        return JsonArray(carried.values_list(json_of(self.shape)))


class LabelChangesMixin(StrictMixin):
    """For a serializer with `labels`, `labels_add` and `labels_remove`: rejects what contradicts itself (LA3)."""

    def faults(self, data: Mapping[str, Any]) -> dict[str, ErrorDetail]:
        """Return what several of the three say against each other."""
        found = super().faults(data)
        if "labels" in data and ("labels_add" in data or "labels_remove" in data):
            text = "Send the whole set, or what to add and to remove."
            found["labels"] = ErrorDetail(text, code="contradiction")
        if _ids(data.get("labels_add")) & _ids(data.get("labels_remove")):
            found["labels_add"] = ErrorDetail("A label cannot be added and removed at once.", code="contradiction")
        return found


def _ids(data: Any) -> set[int]:
    """Return the ids in a list of a body, without those that its field rejects."""
    found = set()
    for item in data[:ENTRIES_MAX] if isinstance(data, list) else ():
        try:
            found.add(LabelReference().run_validation(item))
        except serializers.ValidationError:
            continue
    return found

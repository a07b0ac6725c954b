"""The JSON shapes of relations."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field, extend_schema_serializer
from rest_framework import serializers

from apps.common.api.serializers import InstantField, StrictMixin
from apps.tasks.models import KEY, Relation, Status, Task
from apps.tasks.relations.kinds import KIND_CHOICES
from apps.users.serializers import PersonSerializer

ID_MAX = 2**63 - 1
NO_ID = 0  # stands for a number that is no task's id


class RelatedTaskSerializer(serializers.Serializer[Any]):
    """The task at the other end; where the caller does not see its project, `visible` is all there is."""

    visible = serializers.BooleanField(help_text="Whether the caller sees the task.")
    id = serializers.IntegerField(required=False)
    key = serializers.CharField(required=False, help_text="Project key and number, such as `WEB-12`.")
    title = serializers.CharField(required=False)
    status = serializers.ChoiceField(choices=Status.choices, required=False)
    project = serializers.IntegerField(required=False, help_text="The id of its project.")


@extend_schema_field(
    {
        "oneOf": [
            {"type": "integer", "format": "int64", "minimum": 1, "maximum": ID_MAX},
            {"type": "string", "maxLength": 100},
        ],
        "description": "The id of the other task, or its key among the tasks that the caller sees.",
    }
)
class TaskNameField(serializers.Field[Any, Any, Any, Any]):
    """A task, named by its id or by its key."""

    default_error_messages = {"invalid": "Give the id or the key of a task."}

    def to_internal_value(self, data: Any) -> int | str:
        if isinstance(data, str) and KEY.match(data):
            return data
        if isinstance(data, bool | float) or not isinstance(data, int | str):
            self.fail("invalid")
        try:
            number = int(data)
        except ValueError:
            self.fail("invalid")
        return number if 0 < number <= ID_MAX else NO_ID

    def to_representation(self, value: Any) -> Any:
        return value


class RelationSerializer(serializers.ModelSerializer[Relation]):
    """A relation, as it reads from the task in the path."""

    kind = serializers.ChoiceField(
        choices=KIND_CHOICES, source="shown_kind", help_text="As seen from the task in the path."
    )
    task = serializers.SerializerMethodField(help_text="The task at the other end.")
    created_by = serializers.SerializerMethodField(help_text="Null where the other task is not visible to the caller.")
    created_at = InstantField(read_only=True)

    class Meta:
        model = Relation
        fields = ("id", "kind", "task", "created_by", "created_at")
        read_only_fields: tuple[str, ...] = fields

    @extend_schema_field(RelatedTaskSerializer)
    def get_task(self, relation: Relation) -> dict[str, Any]:
        """Return the other end, if it is among the tasks that the view has loaded."""
        task = self._other(relation)
        if task is None:
            return {"visible": False}
        return {
            "visible": True,
            "id": task.pk,
            "key": task.key,
            "title": task.title,
            "status": task.status,
            "project": task.project_id,
        }

    @extend_schema_field(PersonSerializer(allow_null=True))
    def get_created_by(self, relation: Relation) -> Any:
        """Return who made the relation, null to whom the other end is not visible."""
        if relation.created_by is None or self._other(relation) is None:
            return None
        return PersonSerializer().to_representation(relation.created_by)

    def _other(self, relation: Relation) -> Task | None:
        others: dict[int, Task] = self.context["others"]
        return others.get(relation.other_end(self.context["task"].pk))


@extend_schema_serializer(component_name="Relation")
class NewRelationSerializer(StrictMixin, RelationSerializer):
    """A relation to make."""

    kind = serializers.ChoiceField(choices=KIND_CHOICES, help_text="As seen from the task in the path.")
    task = TaskNameField()  # type: ignore[assignment]

    class Meta(RelationSerializer.Meta):
        read_only_fields = ("id", "created_by", "created_at")

"""The JSON shapes of tasks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db.models import Expression, F, Value
from django.db.models import TextField as TextColumn
from django.db.models.functions import Cast, Concat
from drf_spectacular.utils import extend_schema_field, extend_schema_serializer
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail

from apps.common.api.serializers import IdField, InstantField, StrictMixin, StrictSerializer, TextField
from apps.common.sql.json import json_of, present
from apps.projects.models import NewTasks
from apps.projects.serializers import IsArchivedField
from apps.tasks.labels.serializers import LabelChangesMixin, LabelsField
from apps.tasks.metadata import FAULTS, metadata_fault
from apps.tasks.models import DESCRIPTION_LENGTH, TITLE_LENGTH, Priority, Status, Task
from apps.tasks.order.services import Place
from apps.tasks.relations.fields import IsBlockedField, RelationsCountField
from apps.tasks.watching.serializers import IsWatchingField, WatchersCountField
from apps.users.models import User
from apps.users.serializers import PersonSerializer

DURATION_MAX = 2**31 - 1  # minutes
PLACES = ("after", "before", "position")


class ProjectReference(IdField):
    """The id of the task's project, without loading it."""

    def get_attribute(self, instance: Task) -> int:
        return instance.project_id

    def json_sql(self, path: str) -> F:
        return F(f"{path}project_id")


class PersonReference(IdField):
    """A person: read as `{id, username, nickname, avatar}`, written as an id, as what was read, or null."""

    shape = PersonSerializer()

    def to_internal_value(self, data: Any) -> int:
        if isinstance(data, Mapping):
            data = data.get("id")
        return super().to_internal_value(data)

    def to_representation(self, value: User) -> Any:  # type: ignore[override]
        return self.shape.to_representation(value)

    def json_sql(self, path: str) -> Expression:
        return present(f"{path}{self.source}", json_of(self.shape, f"{path}{self.source}__"))


@extend_schema_field({"type": "object", "additionalProperties": {}})
class MetadataField(serializers.JSONField):
    """A JSON object of at most 16 KB."""

    default_error_messages = FAULTS

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        if fault := metadata_fault(data):
            self.fail(fault)
        value: dict[str, Any] = data
        return value


class KeyField(serializers.CharField):
    """The name people use, such as `WEB-12`."""

    def json_sql(self, path: str) -> Expression:
        number = Cast(f"{path}number", TextColumn())
        return Concat(F(f"{path}project__key"), Value("-"), number, output_field=TextColumn())


class TaskSerializer(StrictMixin, serializers.ModelSerializer[Task]):
    """A task of a project."""

    key = KeyField(read_only=True, help_text="Project key and number, such as `WEB-12`.")
    project = ProjectReference(required=False, help_text="Without it a new task goes to the caller's Inbox.")
    title = TextField(max_length=TITLE_LENGTH, help_text="Blanks around it are removed.")
    description = TextField(max_length=DESCRIPTION_LENGTH, required=False, allow_blank=True, trim_whitespace=False)
    assigned_to = PersonReference(
        required=False, allow_null=True, help_text="A member of the project, or null for nobody."
    )
    created_by = PersonSerializer(read_only=True, allow_null=True, help_text="Null when the account was deleted.")
    due_date = InstantField(required=False, allow_null=True, help_text="When the task is due.")
    duration = serializers.IntegerField(
        min_value=0, max_value=DURATION_MAX, required=False, allow_null=True, help_text="Estimate in minutes."
    )
    metadata = MetadataField(required=False, help_text="A JSON object of at most 16 KB.")
    labels = LabelsField(required=False, help_text="The labels that the task carries, by name; at most 20.")
    is_blocked = IsBlockedField(read_only=True, help_text="Whether a task that is open blocks it.")
    is_archived = IsArchivedField(read_only=True, help_text="Whether the task is archived itself.")
    completed_at = InstantField(read_only=True, allow_null=True, help_text="Set while the status is `done`.")
    created_at = InstantField(read_only=True)
    updated_at = InstantField(read_only=True)

    class Meta:
        model = Task
        fields = (
            "id",
            "key",
            "number",
            "project",
            "title",
            "description",
            "status",
            "priority",
            "assigned_to",
            "created_by",
            "due_date",
            "duration",
            "metadata",
            "labels",
            "attachments_count",
            "comments_count",
            "rank",
            "is_blocked",
            "is_archived",
            "completed_at",
            "version",
            "created_at",
            "updated_at",
        )
        read_only_fields = ("number", "attachments_count", "comments_count", "rank", "version")
        validators: tuple[()] = ()  # nobody writes what is unique here: numbers and ranks
        extra_kwargs = {
            "status": {"required": False, "help_text": "`todo` for a new task, unless it is sent."},
            "priority": {"required": False, "help_text": "`medium` for a new task, unless it is sent."},
            "number": {"help_text": "The number within the project."},
            "attachments_count": {"help_text": "How many files the task has."},
            "comments_count": {"help_text": "How many comments the task has, without deleted ones."},
            "rank": {"help_text": "The place in the project's manual order, compared bytewise; opaque, see `/move/`."},
            "version": {"help_text": "Rises with every change of the task."},
        }


class EffectsField(serializers.JSONField):
    """What a write did beside the task itself; see `EFFECTS` in `schema.py` for its members."""


class TaskDetailSerializer(TaskSerializer):
    """A task of a project, on its own."""

    relations_count = RelationsCountField(read_only=True, help_text="How many relations its list shows.")
    is_watching = IsWatchingField(read_only=True, help_text="Whether the caller watches the task.")
    watchers_count = WatchersCountField(read_only=True, help_text="How many people the list of its watchers has.")
    description_html = serializers.CharField(
        read_only=True, help_text="The description as HTML; only with `include=html`."
    )

    effects = EffectsField(
        read_only=True, help_text="What a write did beside; only in its answer, and only when there is something."
    )

    class Meta(TaskSerializer.Meta):
        fields = (  # type: ignore[assignment]
            *TaskSerializer.Meta.fields,
            "relations_count",
            "is_watching",
            "watchers_count",
            "description_html",
            "effects",
        )
        optional = ("description_html", "effects")


class TaskChangesSerializer(LabelChangesMixin, TaskDetailSerializer):
    """What a change of a task may say: its fields, and labels to add or to take off."""

    labels_add = LabelsField(
        write_only=True, required=False, help_text="Labels that the task is to carry beside those it has then."
    )
    labels_remove = LabelsField(write_only=True, required=False, help_text="Labels to take off the task.")

    class Meta(TaskDetailSerializer.Meta):
        fields = (*TaskDetailSerializer.Meta.fields, "labels_add", "labels_remove")  # type: ignore[assignment]


@extend_schema_serializer(component_name="Task")
class TaskPatchSerializer(TaskChangesSerializer):
    """The fields of a task to change; the name of its schema is `TaskPatch`."""


class AssignTaskSerializer(StrictSerializer):
    """The new assignee of a task."""

    assigned_to = PersonReference(allow_null=True, help_text="The id of a member of the project, or null for nobody.")


class SetTaskStatusSerializer(StrictSerializer):
    """The new status of a task."""

    status = serializers.ChoiceField(choices=Status.choices)


class MoveTaskSerializer(StrictSerializer):
    """A place in the project's order, named by exactly one of `after`, `before` and `position`."""

    after = IdField(required=False, help_text="The id of the task that it is to stand directly behind.")
    before = IdField(required=False, help_text="The id of the task that it is to stand directly in front of.")
    position = serializers.ChoiceField(
        choices=NewTasks.choices, required=False, help_text="An end of the project's order, and so of every column."
    )
    status = serializers.ChoiceField(choices=Status.choices, required=False, help_text="A new status in the same act.")

    def faults(self, data: Mapping[str, Any]) -> dict[str, ErrorDetail]:
        if sum(name in data for name in PLACES) == 1:
            return {}
        text = "Name the place by exactly one of after, before and position."
        return {"non_field_errors": ErrorDetail(text, code="exactly_one")}

    def validate(self, fields: dict[str, Any]) -> dict[str, Any]:
        """Return {place} and what else changes."""
        ((way, value),) = [(name, fields.pop(name)) for name in PLACES if name in fields]
        return fields | {"place": Place(value) if way == "position" else Place(way, value)}


class AssigneeCountSerializer(serializers.Serializer[Any]):
    """The tasks of one assignee; `user` is the person."""

    user = PersonSerializer()
    total = serializers.IntegerField()
    open = serializers.IntegerField(help_text="Not done.")
    overdue = serializers.IntegerField()


def _counts(choices: type[Status] | type[Priority]) -> serializers.Serializer[Any]:
    fields = {value: serializers.IntegerField() for value in choices.values}
    name = f"TaskCountsBy{choices.__name__}Serializer"
    made: serializers.Serializer[Any] = type(name, (serializers.Serializer,), fields)()
    return made


class TaskStatisticsSerializer(serializers.Serializer[Any]):
    """Figures of the tasks that match the filters."""

    total = serializers.IntegerField()
    by_status = _counts(Status)
    by_priority = _counts(Priority)
    by_assignee = AssigneeCountSerializer(many=True)
    overdue = serializers.IntegerField(help_text="Past their due date and not done.")
    due_soon = serializers.IntegerField(help_text="Due in the next 24 hours and not done.")
    unassigned = serializers.IntegerField()
    created_last_7_days = serializers.IntegerField()
    completed_last_7_days = serializers.IntegerField()
    completion_rate = serializers.FloatField(allow_null=True, help_text="Done ÷ total, 0 to 1; null without tasks.")
    average_completion_hours = serializers.FloatField(
        allow_null=True, help_text="From creation to completion; null when nothing is done."
    )

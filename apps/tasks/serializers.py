"""The JSON shapes of tasks."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.db.models import Expression, F, Value
from django.db.models import TextField as TextColumn
from django.db.models.expressions import Combinable
from django.db.models.functions import Cast, Concat
from drf_spectacular.utils import extend_schema_field, extend_schema_serializer
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail

from apps.common.api.serializers import IdField, InstantField, StrictMixin, StrictSerializer, TextField
from apps.common.sql.json import JsonObject, json_of, present, referred
from apps.projects.models import NewTasks, OnParentDone
from apps.projects.serializers import IsArchivedField
from apps.tasks.days.fields import DayField
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

    def json_sql(self, path: str) -> Combinable:
        return referred(User, f"{path}{self.source}", lambda inner, _outer: json_of(self.shape, inner))


class KeyField(serializers.CharField):
    """The name people use, such as `WEB-12`."""

    def json_sql(self, path: str) -> Expression:
        return key_sql(F(f"{path}project__key"), f"{path}number")


def key_sql(project_key: Combinable, number: str) -> Expression:
    """Return the key that a project's key and a number, by path, make in SQL."""
    return Concat(project_key, Value("-"), Cast(number, TextColumn()), output_field=TextColumn())


class ParentSerializer(serializers.Serializer[Task]):
    """The task that another one is a part of."""

    id = serializers.IntegerField()
    key = KeyField()
    title = serializers.CharField()
    status = serializers.ChoiceField(choices=Status.choices)


class ParentReference(IdField):
    """A parent: read as `{id, key, title, status}`, written as an id, as what was read, or null."""

    shape = ParentSerializer()

    def to_internal_value(self, data: Any) -> int:
        if isinstance(data, Mapping):
            data = data.get("id")
        return super().to_internal_value(data)

    def get_attribute(self, instance: Task) -> Task | None:  # type: ignore[override]
        if instance.parent is not None:
            instance.parent.project = instance.project  # the key needs it
        return instance.parent

    def to_representation(self, value: Task) -> Any:  # type: ignore[override]
        return self.shape.to_representation(value)

    def json_sql(self, path: str) -> Combinable:
        def shown(inner: str, outer: Callable[[str], Combinable]) -> Expression:
            return JsonObject(
                id=F(f"{inner}id"),
                key=key_sql(outer(f"{path}project__key"), f"{inner}number"),
                title=F(f"{inner}title"),
                status=F(f"{inner}status"),
            )

        return referred(Task, f"{path}{self.source}", shown)


class SubtaskCountsSerializer(serializers.Serializer[Task]):
    """How many direct children a task has that are neither archived nor in the trash."""

    total = serializers.IntegerField(source="subtasks_total", read_only=True)
    done = serializers.IntegerField(source="subtasks_done", read_only=True)

    def json_sql(self, path: str) -> Expression:
        """Return the same in SQL, see `apps.common.sql.json`."""
        return JsonObject(total=F(f"{path}subtasks_total"), done=F(f"{path}subtasks_done"))


class ExternalSerializer(serializers.Serializer[Task]):
    """What a task is elsewhere: where an import or a client found it, and under which id."""

    source = serializers.CharField(source="external_source")  # type: ignore[assignment]  # DRF's own name
    id = serializers.CharField(source="external_id")

    def get_attribute(self, instance: Task) -> Task | None:
        return None if instance.external_id is None else instance

    def json_sql(self, path: str) -> Expression:
        """Return the same in SQL, see `apps.common.sql.json`."""
        return present(f"{path}external_id", json_of(ExternalSerializer(), path))


@extend_schema_field({"type": "object", "additionalProperties": {}})
class MetadataField(serializers.JSONField):
    """A JSON object of at most 16 KB."""

    default_error_messages = FAULTS

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        if fault := metadata_fault(data):
            self.fail(fault)
        value: dict[str, Any] = data
        return value


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
    due_date = InstantField(
        required=False, allow_null=True, help_text="When the task is due; writing it clears `due_on`."
    )
    due_on = DayField(
        required=False,
        allow_null=True,
        help_text="The day on which it is due without a time; sets `due_date` to the day's end where the assignee is.",
    )
    duration = serializers.IntegerField(
        min_value=0, max_value=DURATION_MAX, required=False, allow_null=True, help_text="Estimate in minutes."
    )
    metadata = MetadataField(required=False, help_text="A JSON object of at most 16 KB.")
    labels = LabelsField(required=False, help_text="The labels that the task carries, by name; at most 20.")
    parent = ParentReference(  # type: ignore[assignment]  # DRF has an attribute of this name
        required=False, allow_null=True, help_text="The task of the same project that this one is a part of, or null."
    )
    subtasks = SubtaskCountsSerializer(source="*", read_only=True)
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
            "due_on",
            "duration",
            "metadata",
            "labels",
            "parent",
            "subtasks",
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


class TaskEffectsSerializer(serializers.Serializer[Any]):
    """What a write did beside the task itself; only what applies."""

    batch_id = serializers.UUIDField(required=False, help_text="Names the act where it can be undone.")
    blocked_by_open = serializers.IntegerField(
        required=False, help_text="How many open tasks block the task that was set to `done`."
    )
    rebalanced = serializers.BooleanField(
        required=False, help_text="True when neighbours got other ranks as well, to make room."
    )
    subtasks_changed = serializers.IntegerField(
        required=False, help_text="How many other tasks were set to done, archived, unarchived or moved with it."
    )
    dropped_labels = serializers.ListField(
        child=serializers.CharField(),
        required=False,
        help_text="Labels that the project to which tasks moved had no room for.",
    )
    parent_is_done = serializers.BooleanField(required=False, help_text="The parent is done, and stays so.")
    unassigned = serializers.ListField(
        child=serializers.CharField(),
        required=False,
        help_text="Keys of moved tasks whose assignee is no member of the target.",
    )


class RollupSerializer(serializers.Serializer[Any]):
    """Figures of everything below a task that is neither archived nor in the trash."""

    total = serializers.IntegerField()
    done = serializers.IntegerField()
    duration = serializers.IntegerField(
        allow_null=True, help_text="Minutes, of the task and all below it; null when none has an estimate."
    )


class TaskDetailSerializer(TaskSerializer):
    """A task of a project, on its own."""

    relations_count = RelationsCountField(read_only=True, help_text="How many relations its list shows.")
    is_watching = IsWatchingField(read_only=True, help_text="Whether the caller watches the task.")
    watchers_count = WatchersCountField(read_only=True, help_text="How many people the list of its watchers has.")
    external = ExternalSerializer(
        read_only=True, allow_null=True, help_text="What it is elsewhere, where an import or a client made it; or null."
    )
    description_html = serializers.CharField(
        read_only=True, help_text="The description as HTML; only with `include=html`."
    )

    effects = TaskEffectsSerializer(
        read_only=True, help_text="What a write did beside; only in its answer, and only when there is something."
    )

    rollup = RollupSerializer(read_only=True, help_text="Only with `include=rollup`.")

    class Meta(TaskSerializer.Meta):
        fields = (  # type: ignore[assignment]
            *TaskSerializer.Meta.fields,
            "relations_count",
            "is_watching",
            "watchers_count",
            "external",
            "description_html",
            "effects",
            "rollup",
        )
        optional = ("description_html", "effects", "rollup")
        ignored = ("depth",)


class OnSubtasksField(serializers.ChoiceField):
    """What becomes of open sub-tasks."""

    def __init__(self, **options: Any) -> None:
        text = "What setting the task to `done` does with open sub-tasks; without it, what the project says."
        super().__init__(choices=OnParentDone.choices, required=False, write_only=True, help_text=text, **options)


@extend_schema_serializer(component_name="Task")
class TaskUpdateSerializer(LabelChangesMixin, TaskSerializer):
    """The fields of a task that change."""

    labels_add = LabelsField(
        write_only=True, required=False, help_text="Labels that the task is to carry beside those it has then."
    )
    labels_remove = LabelsField(write_only=True, required=False, help_text="Labels to take off the task.")
    on_subtasks = OnSubtasksField()

    class Meta(TaskSerializer.Meta):
        fields = (*TaskSerializer.Meta.fields, "labels_add", "labels_remove", "on_subtasks")  # type: ignore[assignment]
        ignored = (
            *(name for name in TaskDetailSerializer.Meta.fields if name not in TaskSerializer.Meta.fields),
            *TaskDetailSerializer.Meta.ignored,
        )


@extend_schema_serializer(component_name="TaskReplacement")
class TaskReplacementSerializer(TaskUpdateSerializer):
    """A task as it is to be."""


class AssignTaskSerializer(StrictSerializer):
    """The new assignee of a task."""

    assigned_to = PersonReference(allow_null=True, help_text="The id of a member of the project, or null for nobody.")


class SetTaskStatusSerializer(StrictSerializer):
    """The new status of a task."""

    status = serializers.ChoiceField(choices=Status.choices)
    on_subtasks = OnSubtasksField()


class MoveTaskSerializer(StrictSerializer):
    """A place in the project's order, named by exactly one of `after`, `before` and `position`."""

    after = IdField(required=False, help_text="The id of the task that it is to stand directly behind.")
    before = IdField(required=False, help_text="The id of the task that it is to stand directly in front of.")
    position = serializers.ChoiceField(
        choices=NewTasks.choices, required=False, help_text="An end of the project's order, and so of every column."
    )
    status = serializers.ChoiceField(choices=Status.choices, required=False, help_text="A new status in the same act.")
    parent = ParentReference(  # type: ignore[assignment]  # as above
        required=False, allow_null=True, help_text="A new parent in the same act, or null."
    )
    on_subtasks = OnSubtasksField()

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

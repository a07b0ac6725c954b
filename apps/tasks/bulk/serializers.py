"""The JSON shapes of bulk changes and batches."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils import timezone
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail

from apps.batches.models import Action, Batch, BatchItem, Mode, Outcome
from apps.common.api.serializers import (
    ChangesField,
    IdField,
    IdListField,
    InstantField,
    StrictMixin,
    StrictSerializer,
    TextField,
)
from apps.tasks.filter_routes.serializers import FilterField
from apps.tasks.serializers import OnSubtasksField, ProjectReference, TaskUpdateSerializer

BULK_INLINE_MAX = 200  # ids in a request
CREATED_MAX = 100  # tasks in a request
BULK_ACTIONS = (Action.UPDATE, Action.MOVE, Action.ARCHIVE, Action.UNARCHIVE, Action.DELETE, Action.COMPLETE)


class UpdateChangesSerializer(TaskUpdateSerializer):
    """The fields that `update` sets: those of PATCH but the project."""

    project = None  # type: ignore[assignment]

    class Meta(TaskUpdateSerializer.Meta):
        fields = tuple(name for name in TaskUpdateSerializer.Meta.fields if name != "project")  # type: ignore[assignment]


class MoveChangesSerializer(StrictSerializer):
    """Where `move` takes the tasks."""

    project = ProjectReference()


class CompleteChangesSerializer(StrictSerializer):
    """What `complete` does with open sub-tasks."""

    on_subtasks = OnSubtasksField()


class NoChangesSerializer(StrictSerializer):
    """The changes of an action that has none."""


CHANGES: Mapping[str, type[serializers.BaseSerializer[Any]]] = {
    Action.UPDATE: UpdateChangesSerializer,
    Action.MOVE: MoveChangesSerializer,
    Action.COMPLETE: CompleteChangesSerializer,
}


class ModeSerializer(StrictSerializer):
    """How a bulk change is done."""

    mode = serializers.ChoiceField(
        choices=Mode.choices,
        default=Mode.ATOMIC,
        help_text="`atomic`: one failure rejects all. Else the others are done.",
    )
    dry_run = serializers.BooleanField(default=False, help_text="Say what would happen, and change nothing.")


class BulkSerializer(ModeSerializer):
    """An action on many tasks."""

    ids = IdListField(
        required=False,
        allow_empty=False,
        max_length=BULK_INLINE_MAX,
        help_text="Different ids of tasks, in the order of work.",
    )
    filter = FilterField(required=False, help_text="The tasks that the filter language finds, instead of `ids`.")
    tz = TextField(required=False, help_text="The time zone of the days in the filter, an IANA name.")
    action = serializers.ChoiceField(choices=[(action.value, action.label) for action in BULK_ACTIONS])
    changes = serializers.DictField(
        required=False,
        default=dict,
        help_text="`update`: fields of a task but `project`. `move`: `project`. Else none.",
    )
    versions = serializers.DictField(
        child=IdField(), required=False, default=dict, help_text="The version that a task must have, by its id."
    )

    default_error_messages = {"too_many_tasks": f"Name at most {BULK_INLINE_MAX} tasks."}

    def faults(self, data: Mapping[str, Any]) -> dict[str, ErrorDetail]:
        """Find what ids and versions get wrong together."""
        ids, versions = data.get("ids"), data.get("versions")
        found: dict[str, ErrorDetail] = {}
        if ("ids" in data) == ("filter" in data):
            text = "Name the tasks by exactly one of ids and filter."
            found["non_field_errors"] = ErrorDetail(text, code="exactly_one")
        if isinstance(ids, list) and len(ids) > BULK_INLINE_MAX:
            found["ids"] = ErrorDetail(f"Name at most {BULK_INLINE_MAX} tasks.", code="too_many_tasks")
        elif isinstance(ids, list) and len({str(each) for each in ids}) < len(ids):
            found["ids"] = ErrorDetail("Name each task once.", code="invalid")
        if isinstance(versions, Mapping):
            known = {str(each) for each in ids} if isinstance(ids, list) else set()
            if any(str(each) not in known for each in versions):
                found["versions"] = ErrorDetail("A version belongs to a task that is not in `ids`.", code="invalid")
        return found


class BulkCreateSerializer(ModeSerializer):
    """Tasks to be created."""

    tasks = serializers.ListField(
        child=serializers.DictField(),
        allow_empty=False,
        max_length=CREATED_MAX,
        help_text="Bodies as of `POST /api/tasks/`.",
    )

    def faults(self, data: Mapping[str, Any]) -> dict[str, ErrorDetail]:
        """Find a list that is too long."""
        tasks = data.get("tasks")
        if isinstance(tasks, list) and len(tasks) > CREATED_MAX:
            return {"tasks": ErrorDetail(f"Send at most {CREATED_MAX} tasks.", code="too_many_tasks")}
        return {}


class UndoSerializer(StrictSerializer):
    """How a batch is undone."""

    dry_run = serializers.BooleanField(default=False, help_text="Say what would happen, and change nothing.")


class ItemErrorSerializer(serializers.Serializer[Any]):
    """Why a task could not be changed."""

    code = serializers.CharField()
    detail = serializers.CharField()
    pointer = serializers.CharField(allow_null=True, help_text="The field that is wrong, if it is one.")


class BatchItemSerializer(serializers.ModelSerializer[BatchItem]):
    """What became of one task."""

    id = serializers.IntegerField(source="task_id", allow_null=True)
    key = serializers.SerializerMethodField(help_text="Null for a task that the caller does not see.")
    result = serializers.ChoiceField(choices=Outcome.choices)
    version = serializers.IntegerField(allow_null=True)
    changes = ChangesField()
    error = ItemErrorSerializer(allow_null=True)

    class Meta:
        model = BatchItem
        fields = ("id", "key", "result", "version", "changes", "error")
        read_only_fields = fields

    def get_key(self, item: BatchItem) -> str | None:
        """Return the key, None for a task that was not seen."""
        return item.task_key or None


class CountsSerializer(serializers.Serializer[Any]):
    """Tasks by outcome."""

    changed = serializers.IntegerField()
    unchanged = serializers.IntegerField()
    failed = serializers.IntegerField()
    conflict = serializers.IntegerField(help_text="In an undo: changed since by somebody else, and left.")


class BulkResultSerializer(serializers.Serializer[Any]):
    """What became of all tasks."""

    batch_id = serializers.UUIDField(allow_null=True, help_text="Null for a dry run, and where there was no task.")
    mode = serializers.ChoiceField(choices=Mode.choices)
    dry_run = serializers.BooleanField()
    counts = CountsSerializer()
    results = BatchItemSerializer(many=True)


class UndoStateSerializer(serializers.Serializer[Any]):
    """Whether a batch can be undone."""

    is_possible = serializers.BooleanField()
    until = InstantField(allow_null=True)
    undone_by = serializers.UUIDField(allow_null=True, help_text="The batch that has undone it.")


class BatchSerializer(StrictMixin, serializers.ModelSerializer[Batch]):
    """An act on one or many tasks."""

    counts = CountsSerializer(read_only=True)
    created_at = InstantField(read_only=True)
    finished_at = InstantField(read_only=True, allow_null=True)
    undo = serializers.SerializerMethodField()

    class Meta:
        model = Batch
        fields = (
            "id",
            "action",
            "mode",
            "dry_run",
            "state",
            "total",
            "counts",
            "created_at",
            "finished_at",
            "undo",
        )
        read_only_fields = fields

    def get_undo(self, batch: Batch) -> dict[str, Any]:
        """Return whether it can be undone, until when, and by which batch it was."""
        is_possible = not batch.reason_against_undo(now=timezone.now())
        return dict(
            UndoStateSerializer(
                {"is_possible": is_possible, "until": batch.undo_until, "undone_by": batch.undone_by_id}
            ).data
        )

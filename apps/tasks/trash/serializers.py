"""The JSON shapes of trash entries."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from apps.common.api.serializers import IdField, InstantField, StrictSerializer
from apps.projects.models import KEY_PATTERN, TrashEntry
from apps.projects.serializers import ProjectDetailSerializer
from apps.tasks.models import Task, task_key
from apps.tasks.serializers import TaskDetailSerializer
from apps.tasks.subtasks.tree import Below, Node, nodes_below
from apps.users.serializers import PersonSerializer

TASKS_SHOWN = 100


class TrashedRootSerializer(serializers.Serializer[Any]):
    """What was deleted."""

    id = serializers.IntegerField()
    key = serializers.CharField()
    title = serializers.CharField(required=False, help_text="Of a task.")
    name = serializers.CharField(required=False, help_text="Of a project.")


class TrashedProjectSerializer(serializers.Serializer[Any]):
    """The project it was deleted from, or the deleted project."""

    id = serializers.IntegerField()
    key = serializers.CharField()
    name = serializers.CharField()


class TrashedTaskSerializer(serializers.Serializer[Any]):
    """A task in an entry."""

    id = serializers.IntegerField()
    key = serializers.CharField()
    title = serializers.CharField()
    depth = serializers.IntegerField(help_text="How far below the root; 0 for the root itself.")


class TrashEntrySerializer(serializers.ModelSerializer[TrashEntry]):
    """What one deletion took away: a task with its sub-tasks, or a project."""

    root = serializers.SerializerMethodField()  # type: ignore[assignment]  # DRF has a property of this name
    project = TrashedProjectSerializer(read_only=True)
    deleted_by = PersonSerializer(read_only=True, allow_null=True)
    deleted_at = InstantField(read_only=True)
    purge_at = InstantField(read_only=True, help_text="When it is erased for good.")

    class Meta:
        model = TrashEntry
        fields: tuple[str, ...] = (
            "id",
            "type",
            "root",
            "project",
            "tasks_count",
            "attachments_bytes",
            "deleted_by",
            "deleted_at",
            "purge_at",
            "origin",
            "batch_id",
        )
        read_only_fields = fields

    @extend_schema_field(TrashedRootSerializer)
    def get_root(self, entry: TrashEntry) -> dict[str, Any]:
        """Return id, key and title of a task, or id, key and name of a project."""
        project = entry.project
        if entry.type == TrashEntry.Type.PROJECT:
            return {"id": project.pk, "key": project.key, "name": project.name}
        number, title = entry.root_number, entry.root_title  # type: ignore[attr-defined]  # annotated by the view
        return {"id": entry.root_id, "key": task_key(project.key, number), "title": title}


class TrashEntryDetailSerializer(TrashEntrySerializer):
    """An entry with what is in it."""

    tasks = serializers.SerializerMethodField(help_text=f"At most {TASKS_SHOWN}; empty for a project.")

    class Meta(TrashEntrySerializer.Meta):
        fields = (*TrashEntrySerializer.Meta.fields, "tasks")
        read_only_fields = fields

    @extend_schema_field(TrashedTaskSerializer(many=True))
    def get_tasks(self, entry: TrashEntry) -> list[dict[str, Any]]:
        """Return the tasks, the root first."""
        if entry.type == TrashEntry.Type.PROJECT:
            return []
        nodes = [Node(entry.root_id, 0), *nodes_below(entry.root_id, Below.TRASHED_ALONG, limit=TASKS_SHOWN - 1)]
        found = Task.objects.in_bulk([node.id for node in nodes])
        return [
            {"id": task.pk, "key": task_key(entry.project.key, task.number), "title": task.title, "depth": depth}
            for task, depth in ((found[pk], depth) for pk, depth in nodes if pk in found)
        ]


class RestoreTrashSerializer(StrictSerializer):
    """How a project comes back."""

    key = serializers.RegexField(
        KEY_PATTERN, required=False, help_text="Another key for a project, when its own is in use by now."
    )


class RestoreEffectsSerializer(serializers.Serializer[Any]):
    """What is different from before the deletion."""

    detached = serializers.BooleanField(
        required=False, help_text="The task has no parent any more: it is gone, archived, full or too deep."
    )
    unassigned = serializers.ListField(
        child=serializers.CharField(), required=False, help_text="Keys of tasks whose assignee left."
    )


class RestoredSerializer(serializers.Serializer[Any]):
    """What came back."""

    type = serializers.ChoiceField(choices=TrashEntry.Type.choices)
    task = TaskDetailSerializer(required=False, help_text="The root, when it was a task.")
    project = ProjectDetailSerializer(required=False, help_text="When it was a project.")
    effects = RestoreEffectsSerializer(required=False)


class EmptyTrashSerializer(StrictSerializer):
    """Whose trash is emptied."""

    project = IdField()
    dry_run = serializers.BooleanField(default=False, help_text="Only count what would go.")


class EmptiedSerializer(serializers.Serializer[Any]):
    """How much went, or would go."""

    entries = serializers.IntegerField()
    tasks = serializers.IntegerField()
    attachments_bytes = serializers.IntegerField()
    dry_run = serializers.BooleanField()

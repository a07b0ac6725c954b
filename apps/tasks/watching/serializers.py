"""The JSON shapes of watching."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db.models import Expression
from drf_spectacular.utils import extend_schema_field, extend_schema_serializer
from rest_framework import serializers

from apps.common.api.serializers import InstantField, StrictMixin, StrictSerializer
from apps.common.lists.criteria import USER
from apps.projects.models import Membership
from apps.tasks.models import PROJECT_LEVELS, TASK_LEVELS, WatchReason
from apps.tasks.watching.reading import is_watching_sql, project_level_sql, watchers_count_sql
from apps.users.serializers import PersonSerializer

ID_MAX = 2**63 - 1
NAME_LENGTH = 150

TASK_CHOICES = [(level.value, level.label) for level in TASK_LEVELS]
PROJECT_CHOICES = [(level.value, level.label) for level in PROJECT_LEVELS]
# Whoever wants no more than mentions and assignments stops watching.
CHOSEN = [choice for choice in TASK_CHOICES if choice[0] != "none"]


class IsWatchingField(serializers.BooleanField):
    """Whether the caller watches the task."""

    def json_sql(self, path: str) -> Expression:
        """Return it in SQL, see `apps.common.sql.json`; the statement's parameter `user` is the caller."""
        return is_watching_sql(USER, path)


class WatchersCountField(serializers.IntegerField):
    """How many people watch the task."""

    def json_sql(self, path: str) -> Expression:
        """Return it in SQL, see `apps.common.sql.json`."""
        return watchers_count_sql(path)


class WatchLevelField(serializers.ChoiceField):
    """What the caller hears of a project."""

    def __init__(self, **options: Any) -> None:
        super().__init__(choices=PROJECT_CHOICES, read_only=True, help_text="The caller's.", **options)

    def json_sql(self, path: str) -> Expression:
        """Return it in SQL, see `apps.common.sql.json`; the statement's parameter `user` is the caller."""
        return project_level_sql(USER, path)


@extend_schema_field(
    {
        "oneOf": [
            {"type": "integer", "format": "int64", "minimum": 1, "maximum": ID_MAX},
            {"type": "string", "minLength": 1, "maxLength": NAME_LENGTH},
            {"$ref": "#/components/schemas/Person"},
        ],
        "description": "A member of the project: their id, their username, or the person as it was read.",
    }
)
class MemberReference(serializers.Field[Any, Any, Any, Any]):
    """A person: an id, a username, or the object that was read."""

    default_error_messages = {"invalid": "Give a user's id, a username, or the object that was read."}

    def to_internal_value(self, data: Any) -> int | str:
        if isinstance(data, Mapping):
            data = data.get("id")
        elif isinstance(data, str) and 0 < len(data) <= NAME_LENGTH and data.isprintable():
            return data
        if type(data) is not int or not 1 <= data <= ID_MAX:
            self.fail("invalid")
        return data


class WatcherSerializer(serializers.ModelSerializer[Membership]):
    """Somebody who watches a task."""

    user = PersonSerializer(read_only=True)
    reason = serializers.ChoiceField(choices=WatchReason.choices, read_only=True, help_text="The strongest one.")
    added_by = serializers.SerializerMethodField(help_text="Who had them watch; null for nobody else.")
    since = InstantField(read_only=True, help_text="When the task was created, for who watches by default.")

    class Meta:
        model = Membership
        fields = ("user", "reason", "added_by", "since")
        read_only_fields: tuple[str, ...] = fields

    @extend_schema_field(PersonSerializer(allow_null=True))
    def get_added_by(self, watcher: Any) -> Any:
        """Return the person whom the view has loaded."""
        person = self.context["people"].get(watcher.added_by_id)
        return PersonSerializer().to_representation(person) if person else None


@extend_schema_serializer(component_name="Watcher")
class NewWatcherSerializer(StrictMixin, WatcherSerializer):
    """A member who is to watch a task."""

    user = MemberReference()  # type: ignore[assignment]

    class Meta(WatcherSerializer.Meta):
        read_only_fields = ("reason", "added_by", "since")


class TaskWatchSerializer(StrictSerializer):
    """What the caller hears of a task."""

    level = serializers.ChoiceField(
        choices=CHOSEN, help_text="`all`: everything. `muted`: assignments alone. DELETE for mentions as well."
    )
    is_watching = serializers.BooleanField(read_only=True)
    reason = serializers.ChoiceField(
        choices=WatchReason.choices, read_only=True, allow_null=True, help_text="Null for who does not watch."
    )
    project_level = serializers.ChoiceField(choices=PROJECT_CHOICES, read_only=True)


@extend_schema_serializer(component_name="TaskWatch")
class TaskWatchStateSerializer(TaskWatchSerializer):
    """What the caller hears of a task; `level` is null until they choose."""

    level = serializers.ChoiceField(choices=TASK_CHOICES, read_only=True, allow_null=True)


class ProjectWatchSerializer(StrictSerializer):
    """What the caller hears of a project."""

    level = serializers.ChoiceField(
        choices=PROJECT_CHOICES,
        help_text="`all`: every task. `participating`: those they have, created or watch. `muted`: assignments alone.",
    )

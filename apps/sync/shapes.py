"""The shapes of a copy: those of the API's own serializers, without what is derived or personal, references as ids.

No field is named here but to leave it out, so that a new field of a serializer is in the copy as well.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.contrib.postgres.fields import ArrayField
from django.db.models import BigIntegerField, BooleanField, Expression, ExpressionWrapper, F, Func, OuterRef, Q
from django.db.models import TextField as TextColumn
from django.db.models.expressions import Combinable
from django.db.models.functions import Cast
from rest_framework.serializers import Serializer

from apps.common.sql.json import AsText, JsonObject, values_of
from apps.projects.serializers import MemberSerializer, ProjectDetailSerializer
from apps.sync.types import SyncType
from apps.tasks.attachments.serializers import AttachmentSerializer
from apps.tasks.comments.serializers import CommentSerializer
from apps.tasks.labels.serializers import LabelSerializer, LabelsField
from apps.tasks.models import TaskLabel
from apps.tasks.saved_views.serializers import SavedViewSerializer
from apps.tasks.serializers import ParentReference, PersonReference, TaskDetailSerializer
from apps.users.serializers import PersonSerializer

SERIALIZERS: Mapping[SyncType, type[Serializer[Any]]] = {
    SyncType.PROJECT: ProjectDetailSerializer,
    SyncType.MEMBER: MemberSerializer,
    SyncType.LABEL: LabelSerializer,
    SyncType.TASK: TaskDetailSerializer,
    SyncType.COMMENT: CommentSerializer,
    SyncType.ATTACHMENT: AttachmentSerializer,
    SyncType.VIEW: SavedViewSerializer,
}
# Derived, or the caller's own: neither is in the log
LEFT_OUT: Mapping[SyncType, frozenset[str]] = {
    SyncType.PROJECT: frozenset({"members", "members_count", "tasks_count", "open_tasks_count", "watch_level"}),
    SyncType.MEMBER: frozenset(),
    SyncType.LABEL: frozenset({"tasks_count", "text_color"}),  # the colour is added by who writes the label
    SyncType.TASK: frozenset(
        {
            "subtasks",
            "comments_count",
            "attachments_count",
            "is_blocked",
            "is_watching",
            "watchers_count",
            "relations_count",
            "key",
        }
    ),
    SyncType.COMMENT: frozenset({"mentions", "body_html", "is_deleted"}),
    SyncType.ATTACHMENT: frozenset({"url"}),
    SyncType.VIEW: frozenset({"is_favourite", "is_broken", "filter"}),
}
PEOPLE = (PersonSerializer, PersonReference)
REFERENCES = (*PEOPLE, ParentReference)


def sync_json(sync_type: SyncType) -> AsText:
    """Return the JSON of a row of this type, as text made in SQL."""
    return AsText(JsonObject(**_values(sync_type)))


def people_in(sync_type: SyncType) -> Func:
    """Return the ids of the people in that JSON, as an array."""
    columns = [F(f"{field.source}_id") for field in _shown(sync_type).values() if isinstance(field, PEOPLE)]
    return ids_array(*columns)


def ids_array(*columns: Combinable) -> Func:
    """Return an array of the ids in these columns, without nulls."""
    template = "array_remove(ARRAY[%(expressions)s]::bigint[], NULL)" if columns else "ARRAY[]::bigint[]"
    return Func(*columns, template=template, output_field=ArrayField(BigIntegerField()))


def shown_fields(sync_type: SyncType) -> list[str]:
    """Return the names of the fields of the shape."""
    return list(_values(sync_type))


def _shown(sync_type: SyncType) -> dict[str, Any]:
    serializer: Any = SERIALIZERS[sync_type]()
    left_out: Collection[str] = LEFT_OUT[sync_type] | set(getattr(serializer.Meta, "optional", ()))
    return {name: field for name, field in serializer.fields.items() if name not in left_out and not field.write_only}


def _values(sync_type: SyncType) -> dict[str, Combinable]:
    fields = _shown(sync_type)
    plain = {name: field for name, field in fields.items() if not isinstance(field, (*REFERENCES, LabelsField))}
    values = values_of(plain) | {
        name: _reference(field) for name, field in fields.items() if isinstance(field, (*REFERENCES, LabelsField))
    }
    return {**{name: values[name] for name in fields}, **ADDED.get(sync_type, {})}


def _reference(field: Any) -> Combinable:
    if isinstance(field, LabelsField):
        carried = TaskLabel.objects.filter(task=OuterRef("pk")).order_by("label").values_list("label")
        return ArraySubquery(carried)
    return F(f"{field.source}_id")


def _is_deleted() -> Expression:
    return ExpressionWrapper(Q(deleted_at__isnull=False), output_field=BooleanField())


# What the serializer makes in Python, or shows in another form
ADDED: Mapping[SyncType, Mapping[str, Combinable]] = {
    SyncType.COMMENT: {"is_deleted": _is_deleted()},
    SyncType.ATTACHMENT: {"task": F("task_id")},
    SyncType.VIEW: {"ast": F("ast")},
}


def as_text(expression: Combinable) -> Cast:
    """Return an expression as text."""
    return Cast(expression, TextColumn())

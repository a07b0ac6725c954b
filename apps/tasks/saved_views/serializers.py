"""The JSON shape of saved views."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail

from apps.common.api.serializers import IdField, NameField, StrictMixin, TextField
from apps.common.errors import ValidationError
from apps.common.lists.ordering import Order
from apps.tasks.filter_routes.serializers import FilterField
from apps.tasks.filtering.reader import reader_of
from apps.tasks.models import DEFAULT_ORDERING, VIEW_NAME_LENGTH, GroupBy, Layout, SavedView
from apps.tasks.order.listing import NAME as RANK
from apps.tasks.saved_views.reading import present
from apps.tasks.serializers import TaskDetailSerializer
from apps.users.serializers import PersonSerializer

COLUMNS_MAX = 20
COLUMNS = tuple(TaskDetailSerializer().fields)


class ProjectField(IdField):
    """A project's id, without loading it."""

    def get_attribute(self, instance: SavedView) -> int | None:
        return instance.project_id


class SavedViewSerializer(StrictMixin, serializers.ModelSerializer[SavedView]):
    """A filter with a name, an order and a layout."""

    name = NameField(max_length=VIEW_NAME_LENGTH)
    project = ProjectField(required=False, allow_null=True, help_text="A view with a project finds its tasks alone.")
    filter = FilterField(required=False, help_text="The filter language; answered in its normalised form.")
    ordering = TextField(
        max_length=100, default=DEFAULT_ORDERING, help_text="As in the list of tasks; `rank` needs a project."
    )
    layout = serializers.ChoiceField(choices=Layout.choices, default=Layout.LIST)
    group_by = serializers.ChoiceField(
        choices=GroupBy.choices, required=False, allow_null=True, help_text="`status` for a board, unless it is sent."
    )
    columns = serializers.ListField(
        child=serializers.ChoiceField(choices=COLUMNS),
        max_length=COLUMNS_MAX,
        required=False,
        help_text="Names of fields of tasks; none: the client chooses.",
    )
    is_shared = serializers.BooleanField(default=False, help_text="Whether all members of the project see it.")
    is_favourite = serializers.BooleanField(read_only=True, help_text="Whether the caller keeps it at hand.")
    is_broken = serializers.SerializerMethodField(help_text="Whether its filter names something that is gone.")
    owner = PersonSerializer(read_only=True)

    class Meta:
        model = SavedView
        fields = (
            "id",
            "name",
            "project",
            "filter",
            "ordering",
            "layout",
            "group_by",
            "columns",
            "is_shared",
            "is_favourite",
            "is_broken",
            "owner",
            "version",
            "created_at",
            "updated_at",
        )
        read_only_fields = ("version", "created_at", "updated_at")

    def to_representation(self, instance: SavedView) -> dict[str, Any]:
        if instance.shown_filter is None:
            present([instance], reader_of(self.context["request"].user))
        shown: dict[str, Any] = super().to_representation(instance)
        return shown | {"filter": instance.shown_filter}

    @extend_schema_field(serializers.BooleanField)
    def get_is_broken(self, view: SavedView) -> bool:
        """Return whether the filter names something that is gone."""
        return view.fault is not None

    def faults(self, data: Mapping[str, Any]) -> dict[str, ErrorDetail]:
        """Reject an order of tasks that there is not, or that needs a project."""
        ordering = data.get("ordering", getattr(self.instance, "ordering", DEFAULT_ORDERING))
        project = data.get("project", getattr(self.instance, "project_id", None))
        if not isinstance(ordering, str):
            return {}
        try:
            Order.parse(ordering, self.context["orderings"])
        except ValidationError as error:
            return {"ordering": ErrorDetail(error.errors[0].detail, code="invalid_choice")}
        if RANK in [name.strip().removeprefix("-") for name in ordering.split(",")] and project is None:
            return {"ordering": ErrorDetail("An order by rank needs a project.", code="needs_project")}
        return {}

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Return the fields with the board's grouping."""
        is_new = self.instance is None
        if is_new and attrs.get("layout") == Layout.BOARD and "group_by" not in attrs:
            attrs["group_by"] = GroupBy.STATUS.value
        if "project" in attrs:
            attrs["project_id"] = attrs.pop("project")
        return attrs


class ViewCountsSerializer(serializers.Serializer[Any]):
    """How many tasks views find."""

    counts = serializers.DictField(
        child=serializers.IntegerField(allow_null=True),
        help_text="By the id of the view; 1000 means at least that many, null a view that is broken or too costly.",
    )

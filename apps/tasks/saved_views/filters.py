"""What the list of saved views can be narrowed by."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import QuerySet
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema_field

from apps.common.lists.filters import StrictBooleanFilter
from apps.tasks.models import SavedView

ID_MAX = 2**63 - 1
NONE = "none"


class ProjectField(forms.CharField):
    """A project's id, or `none`."""

    def clean(self, value: Any) -> int | str | None:
        text = super().clean(value).lower()
        if not text or text == NONE:
            return text or None
        if text.isascii() and text.isdigit() and len(text) < 20 and int(text) <= ID_MAX:
            return int(text)
        raise forms.ValidationError("Give a project's id, or `none`.", code="invalid")


@extend_schema_field({"type": "string", "pattern": "^(none|[0-9]{1,19})$"})
class ProjectFilter(filters.Filter):
    """Views of a project, or those of none."""

    field_class = ProjectField

    def filter(self, queryset: QuerySet[Any], value: int | str | None) -> QuerySet[Any]:
        if value is None:
            return queryset
        return queryset.filter(project=None) if value == NONE else queryset.filter(project=value)


class SavedViewFilter(filters.FilterSet):
    """Views by their project, by who sees them, and by whether they are favourites."""

    project = ProjectFilter(help_text="The id of a project, or `none` for views without one.")
    shared = StrictBooleanFilter(field_name="is_shared", help_text="Shared or personal ones.")
    favourite = StrictBooleanFilter(field_name="is_favourite", help_text="Favourites of the caller, or all others.")

    class Meta:
        model = SavedView
        fields: list[str] = []

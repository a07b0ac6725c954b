"""What the list of trash entries can be narrowed by."""

from __future__ import annotations

from django import forms
from django_filters import rest_framework as filters

from apps.projects.models import TrashEntry

ID_MAX = 2**63 - 1


class StrictIdFilter(filters.Filter):
    """An id."""

    field_class = forms.IntegerField


class TrashFilter(filters.FilterSet):
    """Entries by project and type."""

    project = StrictIdFilter(min_value=1, max_value=ID_MAX, help_text="The id of a project, which may be in the trash.")
    type = filters.ChoiceFilter(choices=TrashEntry.Type.choices, help_text="What was deleted.")

    class Meta:
        model = TrashEntry
        fields: list[str] = []

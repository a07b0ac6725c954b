"""What the results of an import can be narrowed by."""

from __future__ import annotations

from django_filters import rest_framework as filters

from apps.imports.models import ImportRow, RowResult


class ImportRowFilter(filters.FilterSet):
    """Rows by what became of them."""

    result = filters.ChoiceFilter(choices=RowResult.choices)

    class Meta:
        model = ImportRow
        fields: list[str] = []

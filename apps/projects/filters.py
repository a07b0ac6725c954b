"""What the lists of projects and members can be narrowed by."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django_filters import rest_framework as filters

from apps.common.lists.filters import StrictBooleanFilter
from apps.common.lists.search import NameSearch, NameSearchFilter
from apps.projects.models import Membership, Project
from apps.projects.roles import Role


class ProjectFilter(filters.FilterSet):
    """Active projects, unless `archived=true` asks for the archived ones."""

    role = filters.ChoiceFilter(choices=Role.choices, help_text="The caller's role.")
    archived = StrictBooleanFilter(
        method="filter_archived", help_text="`true` for archived projects, `false` (the default) for active ones."
    )
    search = NameSearchFilter(
        method="filter_search", help_text="Each of the words, as a part too, in name, key or description."
    )

    class Meta:
        model = Project
        fields: list[str] = []

    def filter_queryset(self, queryset: QuerySet[Project]) -> QuerySet[Project]:
        filtered: QuerySet[Project] = super().filter_queryset(queryset)
        if self.form.cleaned_data["archived"] is None:
            filtered = filtered.filter(archived_at=None)
        return filtered

    def filter_archived(self, queryset: QuerySet[Project], name: str, value: bool) -> QuerySet[Project]:
        return queryset.filter(archived_at__isnull=not value)

    def filter_search(self, queryset: QuerySet[Project], name: str, value: NameSearch) -> QuerySet[Project]:
        return queryset.filter(value.found_in("name", "key", "description"))


class MemberFilter(filters.FilterSet):
    """Members by role."""

    role = filters.ChoiceFilter(choices=Role.choices, help_text="Members with this role.")

    class Meta:
        model = Membership
        fields: list[Any] = []

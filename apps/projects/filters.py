"""What the lists of projects and members can be narrowed by."""

from __future__ import annotations

from typing import Any

from django.db.models import Q, QuerySet
from django_filters import rest_framework as filters

from apps.common.lists.filters import SearchTextFilter, StrictBooleanFilter
from apps.common.lists.search import NameSearch, NameSearchFilter
from apps.common.text.normal_form import NormalForm, normal_form
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
    """Members by role, or by the beginning of a name."""

    role = filters.ChoiceFilter(choices=Role.choices, help_text="Members with this role.")
    search = SearchTextFilter(
        method="filter_search",
        max_length=100,
        help_text="The beginning of the username, nickname, first or last name, ignoring case.",
    )

    class Meta:
        model = Membership
        fields: list[Any] = []

    def filter_search(self, queryset: QuerySet[Membership], name: str, value: str) -> QuerySet[Membership]:
        form = normal_form(value)
        found = Q()
        for field in ("username", "nickname", "first_name", "last_name"):
            queryset = queryset.alias(**{f"_{field}": NormalForm(f"user__{field}")})
            found |= Q(**{f"_{field}__startswith": form})
        return queryset.filter(found)

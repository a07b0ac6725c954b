"""What the list of people can be narrowed to."""

from __future__ import annotations

from django.db.models import Q, QuerySet
from django_filters import rest_framework as filters

from apps.common.lists.filters import SearchTextFilter, StrictBooleanFilter
from apps.users.models import User

SEARCHED = ("username", "email", "nickname", "first_name", "last_name")


class UserFilter(filters.FilterSet):
    """`search` looks into names and addresses, ignoring case."""

    search = SearchTextFilter(
        method="filter_search", max_length=200, help_text="Part of a name or the e-mail address, ignoring case."
    )
    is_active = StrictBooleanFilter(field_name="is_active", help_text="Active or deactivated accounts.")

    class Meta:
        model = User
        fields: list[str] = []

    def filter_search(self, people: QuerySet[User], name: str, value: str) -> QuerySet[User]:
        """Return who has the text in a name or the address."""
        condition = Q()
        for field in SEARCHED:
            condition |= Q(**{f"{field}__icontains": value})
        return people.filter(condition)

"""What the list of people can be narrowed to."""

from __future__ import annotations

from django.db.models import QuerySet
from django_filters import rest_framework as filters

from apps.common.lists.filters import StrictBooleanFilter
from apps.common.lists.search import NameSearch, NameSearchFilter
from apps.users.models import SEARCHED, User


class UserFilter(filters.FilterSet):
    """`search` looks for each of its words, as a part too, in names and addresses."""

    search = NameSearchFilter(
        method="filter_search",
        max_length=200,
        help_text="Each of the words, as a part too, in names or e-mail address.",
    )
    is_active = StrictBooleanFilter(field_name="is_active", help_text="Active or deactivated accounts.")

    class Meta:
        model = User
        fields: list[str] = []

    def filter_search(self, people: QuerySet[User], name: str, value: NameSearch) -> QuerySet[User]:
        """Return who has each of the words in names or address."""
        return people.filter(value.found_in(*SEARCHED))

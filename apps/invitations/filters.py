"""Filters of the list of invitations."""

from __future__ import annotations

from django.db.models import QuerySet
from django_filters import rest_framework as filters

from apps.invitations.models import Invitation, State


class InvitationFilter(filters.FilterSet):
    """By state."""

    state = filters.ChoiceFilter(choices=State.choices, method="by_state")

    class Meta:
        model = Invitation
        fields: tuple[str, ...] = ()

    def by_state(self, rows: QuerySet[Invitation], name: str, value: str) -> QuerySet[Invitation]:
        """Return those that are in a state now; the rows have their `shown_state`."""
        return rows.filter(shown_state=value)  # type: ignore[misc]  # the view adds it

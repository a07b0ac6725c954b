"""What the lists of batches and of their results can be narrowed by."""

from __future__ import annotations

from django_filters import rest_framework as filters

from apps.batches.models import Action, Batch, BatchItem, Outcome, State


class BatchFilter(filters.FilterSet):
    """Batches by state and action."""

    state = filters.ChoiceFilter(choices=State.choices)
    action = filters.ChoiceFilter(choices=Action.choices)

    class Meta:
        model = Batch
        fields: list[str] = []


class BatchItemFilter(filters.FilterSet):
    """Results by what became of the task."""

    result = filters.ChoiceFilter(choices=Outcome.choices)

    class Meta:
        model = BatchItem
        fields: list[str] = []

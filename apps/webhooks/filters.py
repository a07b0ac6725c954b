"""What the log of deliveries can be narrowed by."""

from __future__ import annotations

from django_filters import rest_framework as filters

from apps.webhooks.models import Delivery, DeliveryState
from apps.webhooks.serializers import DELIVERED_CHOICES


class DeliveryFilter(filters.FilterSet):
    """Deliveries by their state, their type, and the event."""

    state = filters.ChoiceFilter(choices=DeliveryState.choices)
    type = filters.ChoiceFilter(choices=DELIVERED_CHOICES)
    event_id = filters.UUIDFilter()

    class Meta:
        model = Delivery
        fields: list[str] = []

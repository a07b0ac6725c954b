"""What the list can be narrowed by."""

from __future__ import annotations

from django_filters import rest_framework as filters

from apps.common.lists.filters import StrictBooleanFilter
from apps.notifications.models import Notification


class NotificationFilter(filters.FilterSet):
    """`unread=true` leaves what has not been read, `unread=false` what has."""

    unread = StrictBooleanFilter(field_name="read_at", lookup_expr="isnull", help_text="Only those not read yet.")

    class Meta:
        model = Notification
        fields: list[str] = []

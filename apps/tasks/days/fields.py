"""A day in the API and in forms."""

from __future__ import annotations

from datetime import date
from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from apps.common.dates.instants import DATE
from apps.tasks.days.ending import FIRST_DAY, LAST_DAY


@extend_schema_field(OpenApiTypes.DATE)
class DayField(serializers.Field):  # type: ignore[type-arg]
    """A day as YYYY-MM-DD, from 1900-01-01 to 9999-12-30."""

    default_error_messages = {"invalid": f"Give a day as YYYY-MM-DD, from {FIRST_DAY} to {LAST_DAY}."}

    def to_internal_value(self, data: Any) -> date:
        try:
            if not isinstance(data, str) or DATE.fullmatch(data) is None:
                raise ValueError(data)
            day = date.fromisoformat(data)
        except ValueError:
            self.fail("invalid")
        if not FIRST_DAY <= day <= LAST_DAY:
            self.fail("invalid")
        return day

    def to_representation(self, value: date) -> str:
        return value.isoformat()

"""A day and a time in forms: those of the reader's clocks."""

from __future__ import annotations

from datetime import datetime, timedelta
from datetime import timezone as fixed_offset
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext_lazy

from apps.common.dates.days import instant_at

SHOWN = fixed_offset(timedelta(), "shown")  # stands for the reader's zone while Django reads what its clocks show
LOCAL = "%Y-%m-%dT%H:%M"


class LocalInstantField(forms.DateTimeField):
    """An instant in the reader's zone, from the browser's own picker; as ISO 8601 in UTC in the body.

    Of a time that clocks show twice it is the first, where Django takes none.
    """

    widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format=LOCAL)
    default_error_messages = {
        "skipped": gettext_lazy("No clock of your time zone shows this time: choose another one."),
    }

    def to_python(self, value: Any) -> datetime | None:
        if value in self.empty_values:
            return None
        with timezone.override(SHOWN):
            read = super().to_python(value)
        if read is None or read.tzinfo is not SHOWN:  # it names its offset itself
            return read
        instant = instant_at(read.replace(tzinfo=None))
        if instant is None:
            raise forms.ValidationError(self.error_messages["skipped"], code="skipped")
        return instant

    def clean(self, value: Any) -> str | None:
        instant = super().clean(value)
        return instant.isoformat() if instant else None


def as_shown(instant: datetime | str | None) -> str:
    """Return an instant, or its ISO 8601, as the picker shows it: without seconds."""
    if isinstance(instant, str):
        instant = parse_datetime(instant)
    return timezone.localtime(instant).strftime(LOCAL) if instant else ""

"""Form fields and widgets of the admin: text as it is stored, and look-ups that no value breaks."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.admin import widgets
from django.db import models
from django.forms.boundfield import BoundField

from apps.common.text.mail_addresses import AddressField, AddressFormField

ID_MAX = 2**63 - 1


def is_id(value: object) -> bool:
    """Return whether a value from a form or a query string can be a row's id."""
    text = str(value)
    return text.isascii() and text.isdigit() and len(text) < 20 and int(text) <= ID_MAX


class KeptText(forms.CharField):
    """Text that stays as it is stored unless somebody has changed it.

    Browsers send CR LF for every line end, and drop line ends from inputs of one line; Django strips
    white space. None of that is a change. What was changed is stored with the line ends that the text had.
    """

    def to_python(self, value: Any) -> Any:
        text = super().to_python(value)
        return _plain_lines(text) if isinstance(text, str) else text

    def has_changed(self, initial: Any, data: Any) -> bool:
        return not self.disabled and self._sent(initial) != self._sent(data)

    def _clean_bound_field(self, bound: BoundField) -> Any:
        stored = bound.initial
        if stored and not self.has_changed(stored, bound.data):
            return stored
        text = super()._clean_bound_field(bound)  # type: ignore[misc]
        keeps_crlf = isinstance(stored, str) and "\r\n" in stored and "\n" not in stored.replace("\r\n", "")
        return text.replace("\n", "\r\n") if keeps_crlf and isinstance(text, str) else text

    def _sent(self, text: Any) -> str:
        """Return the text as a browser sends it, in one form."""
        lines = _plain_lines(str(text or ""))
        return lines if isinstance(self.widget, forms.Textarea) else lines.replace("\n", "")


def _plain_lines(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")


class KeptAddress(KeptText, AddressFormField):
    """An e-mail address, kept likewise."""


class AutocompleteSelect(widgets.AutocompleteSelect):
    """Django's looks up what was sent before anything has validated it."""

    def optgroups(self, name: str, value: Any, attrs: dict[str, Any] | None = None) -> Any:
        return super().optgroups(name, [item for item in value if is_id(item)], attrs)


OVERRIDES: dict[Any, dict[str, Any]] = {
    AddressField: {"form_class": KeptAddress, "widget": widgets.AdminEmailInputWidget},
    models.CharField: {"form_class": KeptText},
    models.TextField: {"form_class": KeptText, "strip": False},
    models.DateTimeField: {"help_text": "UTC."},
}

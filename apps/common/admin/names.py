"""Names in forms of the admin."""

from __future__ import annotations

from typing import Any

from django import forms

from apps.common.text.names import FAULTS, name_fault


class NamedForm(forms.ModelForm):  # type: ignore[type-arg]
    """A form with a `name`, which it takes as the API does."""

    cleaned_data: dict[str, Any]

    def clean_name(self) -> str:
        """Return the name; ValidationError for what no name holds."""
        name: str = self.cleaned_data["name"]
        if fault := name_fault(name):
            raise forms.ValidationError(FAULTS[fault], code=fault)
        return name

"""The form of an archive."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy

from apps.web.base.forms import ServiceForm


class ExportForm(ServiceForm):
    """What is in the archive beside the rows; what it is of, the page says."""

    with_files = forms.BooleanField(label=gettext_lazy("With the files of its tasks"), required=False)

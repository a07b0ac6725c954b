"""Forms over services: shapes are judged by the API's serializers, so that both doors have one truth."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any, ClassVar, TypeVar

from django import forms
from django.utils.safestring import SafeString
from django.utils.translation import gettext, gettext_lazy
from rest_framework.exceptions import ErrorDetail
from rest_framework.serializers import BaseSerializer

from apps.common.errors import ConflictError, DomainError, PreconditionFailedError, RateLimitedError, ValidationError
from apps.common.language.problems import translated
from apps.common.language.texts import once_per_language

T = TypeVar("T")

UNPROCESSABLE = 422
FIELD_NAME = re.compile(r"`(\w+_\w+)`")  # a field in the API's texts whose name is no word
# What fields are called whose form says nothing else
LABELS = {
    "body": gettext_lazy("Text"),
    "color": gettext_lazy("Colour"),
    "description": gettext_lazy("Description"),
    "file": gettext_lazy("File"),
    "filter": gettext_lazy("Filter"),
    "key": gettext_lazy("Key"),
    "kind": gettext_lazy("Kind"),
    "labels": gettext_lazy("Labels"),
    "layout": gettext_lazy("Layout"),
    "level": gettext_lazy("Level"),
    "name": gettext_lazy("Name"),
    "parent": gettext_lazy("Parent"),
    "priority": gettext_lazy("Priority"),
    "project": gettext_lazy("Project"),
    "role": gettext_lazy("Role"),
    "status": gettext_lazy("Status"),
    "title": gettext_lazy("Title"),
}
# What a form says itself; everything else is a page of its own.
SAID_IN_THE_FORM = (ValidationError, ConflictError, PreconditionFailedError, RateLimitedError)


class KeptField(forms.BoundField):
    """A field that is rendered once per language while its form is empty, where that is the same for everybody."""

    def as_widget(self, *args: Any, **options: Any) -> SafeString:
        form: Any = self.form
        if args or options or form.is_bound or form.initial or form.prefix or not form.is_same_for_everybody:
            return super().as_widget(*args, **options)
        return _empty_widget(type(form), self.name)


@once_per_language
def _empty_widget(kind: type[ServiceForm], name: str) -> SafeString:
    return forms.BoundField.as_widget(kind()[name])


class ServiceForm(forms.Form):
    """A form whose fields have the API's names; `serializer_class` judges them, a service acts on `values`.

    `http_status` says with which status the form is shown again. `is_patch`: the form need not have all fields.
    """

    serializer_class: ClassVar[type[BaseSerializer[Any]] | None] = None
    serializer_context: ClassVar[Mapping[str, Any]] = {}
    beside: ClassVar[frozenset[str]] = frozenset({"next", "version"})  # fields that the serializer does not know
    is_patch = False
    bound_field_class = KeptField
    is_same_for_everybody: ClassVar[bool] = False  # while it is empty: no field depends on how the form was made

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.http_status: int = HTTPStatus.OK
        self.rejection: DomainError | None = None  # the rule that was against it
        self.values: dict[str, Any] = {}
        for bound in self.visible_fields():
            dress(bound.field.widget)
            if bound.field.label is None:
                bound.label = LABELS.get(bound.name, bound.label)

    def as_body(self) -> dict[str, Any]:
        """Return the body that the API would be sent."""
        sent = {name: value for name, value in self.cleaned_data.items() if name not in self.beside}
        # Browsers end the lines of a text field by two characters (HTML, form submission): people wrote one.
        return {name: _lines(value) if isinstance(value, str) else value for name, value in sent.items()}

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if self.serializer_class is None:
            self.values = self.as_body()
            return cleaned
        body = {name: value for name, value in self.as_body().items() if name not in self.errors}
        is_partial = self.is_patch or bool(self.errors)
        serializer = self.serializer_class(data=body, partial=is_partial, context=dict(self.serializer_context))
        if serializer.is_valid():
            self.values = dict(serializer.validated_data)
        else:
            self._add_details(serializer.errors)
        return cleaned

    def submit(self, work: Callable[[dict[str, Any]], T]) -> T | None:
        """Return what `work`, given the values, returns; None when they, or a rule, are against it.

        Then the form has the reasons and `status`.
        """
        if not self.is_valid():
            self.http_status = UNPROCESSABLE
            return None
        try:
            return work(self.values)
        except SAID_IN_THE_FORM as error:
            self.reject(error)
            return None

    def reject(self, error: DomainError) -> None:
        """Say at its fields why a rule rejects them."""
        self.http_status = UNPROCESSABLE if isinstance(error, ValidationError) else error.status
        self.rejection = error
        faults = error.errors if isinstance(error, ValidationError) else ()
        for fault in faults:
            self._add(fault.pointer.strip("/").partition("/")[0], translated(fault.detail))
        if not faults:
            self._add("", translated(error.detail))

    def say_again(self, former: ServiceForm) -> None:
        """Take over why `former`, of which this is a new edition, was rejected."""
        self.full_clean()
        self._errors, self.http_status, self.rejection = former.errors, former.http_status, former.rejection

    def _add_details(self, details: Any) -> None:
        for name, found in details.items():
            for detail in _flat(found):
                self._add(name, translated(str(detail)))

    def _add(self, name: str, text: str) -> None:
        self.add_error(name if name in self.fields else None, FIELD_NAME.sub(self._as_labelled, text))

    def _as_labelled(self, found: re.Match[str]) -> str:
        """Return the name of a field as the form shows it; what is none of its fields stays."""
        name = found[1]
        return gettext("“{name}”").format(name=self[name].label) if name in self.fields else found[0]


def dress(widget: forms.Widget) -> None:
    """Give a widget the class of the design; one that has a class keeps it."""
    is_choice = isinstance(widget, forms.CheckboxInput | forms.CheckboxSelectMultiple | forms.RadioSelect)
    widget.attrs.setdefault("class", "check" if is_choice else "input")
    if isinstance(widget, forms.TextInput | forms.Textarea) and not isinstance(widget, forms.PasswordInput):
        widget.attrs.setdefault("dir", "auto")


def _lines(text: str) -> str:
    return text.replace("\r\n", "\n")


def _flat(found: Any) -> list[ErrorDetail]:
    if isinstance(found, Mapping):
        return [detail for each in found.values() for detail in _flat(each)]
    if isinstance(found, list):
        return [detail for each in found for detail in _flat(each)]
    return [found]

"""The forms of imports: a file, and what its columns and words mean here."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.common.errors import DomainError
from apps.imports.judging.dates import ORDERS
from apps.imports.models import ImportJob, ImportSource, OnExisting
from apps.imports.reading import AUTO, TARGETS, member_names
from apps.imports.serializers import ImportChangeSerializer
from apps.imports.sources.encodings import ENCODINGS, decode
from apps.tasks.models import LABEL_NAME_LENGTH, Priority, Status
from apps.web.base.forms import ServiceForm, dress
from apps.web.base.uploads import too_large

SHOWN = 100  # columns, and words of each kind, that a form has; the others stay as they are
NAME_LENGTH = 150
SHOWN_OF_TEXT = 60  # characters
KINDS = ("statuses", "priorities", "labels", "people")
TARGET_NAMES = {
    "title": gettext_lazy("Title"),
    "description": gettext_lazy("Description"),
    "status": gettext_lazy("Status"),
    "priority": gettext_lazy("Priority"),
    "assignee": gettext_lazy("Assignee"),
    "creator": gettext_lazy("Creator"),
    "labels": gettext_lazy("Labels"),
    "due": gettext_lazy("Due"),
    "created_at": gettext_lazy("Created"),
    "completed_at": gettext_lazy("Completed"),
    "parent": gettext_lazy("Parent"),
    "duration": gettext_lazy("Estimate in minutes"),
    "external_id": gettext_lazy("Id"),
    "comment": gettext_lazy("Comment"),
    "metadata": gettext_lazy("Keep it beside the task"),
    "ignore": gettext_lazy("Leave it out"),
}
ORDER_NAMES = {
    "iso": gettext_lazy("Year first: 2026-12-31"),
    "day_first": gettext_lazy("Day first: 31.12.2026"),
    "month_first": gettext_lazy("Month first: 12/31/2026"),
}


class UploadForm(ServiceForm):
    """A file, and where it comes from."""

    file = forms.FileField(label=gettext_lazy("File"), allow_empty_file=True)
    source = forms.ChoiceField(
        label=gettext_lazy("It comes from"),
        choices=[(AUTO, gettext_lazy("Recognise it")), *ImportSource.choices],
        initial=AUTO,
    )

    def clean_file(self) -> Any:
        """Reject a file that is larger than an import may be."""
        file = self.cleaned_data["file"]
        if file.size > settings.IMPORT_MAX_BYTES:
            raise forms.ValidationError(too_large(settings.IMPORT_MAX_BYTES))
        return file


class EncodingForm(ServiceForm):
    """In which character set a file is read: each with the beginning of its text in it."""

    encoding = forms.ChoiceField(label=gettext_lazy("Character set"))

    def __init__(self, *args: Any, job: ImportJob, **options: Any) -> None:
        super().__init__(*args, **options)
        sample = bytes.fromhex(job.analysis["bytes"])
        field = self.fields["encoding"]
        field.choices = [(name, shown_encoding(name, sample)) for name in ENCODINGS]  # type: ignore[attr-defined]
        field.initial = job.encoding

    @classmethod
    def of(cls, job: ImportJob) -> EncodingForm | None:
        """Return the form of an import whose file leaves its character set to guess, None of another one."""
        return cls(job=job) if job.analysis.get("bytes") else None


def shown_encoding(name: str, sample: bytes) -> str:
    """Return a character set with what stands in the file where it is read in it."""
    text = decode(sample, name).text
    return f"{name}: {' '.join(text.split())[:SHOWN_OF_TEXT]}"


class MappingForm(ServiceForm):
    """What a file's columns and words mean here: a field for each, named by its number.

    `words` says which words the numbers stand for, so that a form of an older analysis is not taken for a newer one.
    """

    serializer_class = ImportChangeSerializer
    is_patch = True
    beside = frozenset({"words"})

    words = forms.CharField(widget=forms.HiddenInput)
    order = forms.ChoiceField(
        label=gettext_lazy("How dates are written"),
        required=False,
        choices=[("", gettext_lazy("Choose")), *((order, ORDER_NAMES[order]) for order in ORDERS)],
    )
    timezone = forms.CharField(label=gettext_lazy("Time zone of its times"), max_length=64)
    on_existing = forms.ChoiceField(
        label=gettext_lazy("Tasks that were imported before"),
        choices=[
            (OnExisting.SKIP.value, gettext_lazy("Leave them")),
            (OnExisting.UPDATE.value, gettext_lazy("Update what nobody has changed here")),
        ],
    )
    notify = forms.BooleanField(label=gettext_lazy("Send the changes to webhooks"), required=False)

    def __init__(self, *args: Any, job: ImportJob, **options: Any) -> None:
        super().__init__(*args, **options)
        self.job = job
        self.members = member_names(job.project_id, job.created_by)
        self.usernames = {pk: name for name, pk in self.members.items()}
        self.headers = job.analysis["columns"][:SHOWN]
        self.listed = {kind: job.analysis["words"][kind][:SHOWN] for kind in KINDS}
        for column in self.headers:
            self._add_column(column)
        for kind, words in self.listed.items():
            for number, word in enumerate(words):
                self._add_word(kind, number, word)

    @classmethod
    def of(cls, job: ImportJob) -> MappingForm:
        """Return the form filled with what the import has: bound, so that it can be rejected."""
        shape = cls(job=job)
        dates = job.mapping["dates"]
        data: dict[str, Any] = {name: field.initial for name, field in shape.fields.items() if field.initial}
        data |= {"words": digest_of(job), "order": dates["order"] or "", "timezone": dates["timezone"]}
        data |= {"on_existing": job.on_existing} | ({"notify": "on"} if job.notify else {})
        return cls(data, job=job)

    def _add_column(self, column: dict[str, Any]) -> None:
        index = str(column["index"])
        choices = [(target, TARGET_NAMES.get(target, target)) for target in TARGETS]
        label = column["header"] or _("Column %(number)s") % {"number": column["index"] + 1}
        self._add_field(
            f"columns_{index}",
            forms.ChoiceField(choices=choices, label=label, initial=self.job.mapping["columns"].get(index, "metadata")),
        )

    def _add_word(self, kind: str, number: int, word: str) -> None:
        value = self.job.mapping[kind].get(word)
        field: forms.Field
        if kind in {"statuses", "priorities"}:
            known = Status.choices if kind == "statuses" else Priority.choices
            empty = _("Choose") if kind == "statuses" else _("Medium, as it is unknown")
            field = forms.ChoiceField(choices=[("", empty), *known], required=False)
        elif kind == "labels":
            field = forms.CharField(max_length=LABEL_NAME_LENGTH, required=False)
        else:
            value = self.usernames.get(value)
            attributes = {"list": "members", "autocomplete": "off", "spellcheck": "false"}
            widget = forms.TextInput(attrs=attributes)
            field = forms.CharField(max_length=NAME_LENGTH, required=False, widget=widget)
        field.label, field.initial = word, value
        self._add_field(f"{kind}_{number}", field)

    def _add_field(self, name: str, field: forms.Field) -> None:
        dress(field.widget)
        self.fields[name] = field

    def of_columns(self) -> list[tuple[forms.BoundField, dict[str, Any]]]:
        """Return the fields of the columns, each with the column."""
        return [(self[f"columns_{column['index']}"], column) for column in self.headers]

    def of_words(self, kind: str) -> list[forms.BoundField]:
        """Return the fields of the words of a kind."""
        return [self[f"{kind}_{number}"] for number in range(len(self.listed[kind]))]

    def left_out(self) -> bool:
        """Return whether the file has more columns or words than the form has fields."""
        found = [self.job.analysis["columns"], *self.job.analysis["words"].values()]
        return any(len(each) > SHOWN for each in found)

    def clean(self) -> dict[str, Any]:
        if "words" in self.cleaned_data and self.cleaned_data["words"] != digest_of(self.job):
            self.add_error(None, _("The columns were changed in another window. Look at this page anew."))
        for bound in self.of_words("people"):
            name = self.cleaned_data.get(bound.name, "")
            if name and name.lower() not in self.members:
                self.add_error(bound.name, _("The project has no member of this name."))
        return super().clean()

    def as_body(self) -> dict[str, Any]:
        """Return the body of the API's PATCH."""
        values = self.cleaned_data
        columns = {str(each["index"]): values.get(f"columns_{each['index']}") for each in self.headers}
        mapping: dict[str, Any] = {
            "columns": {**self.job.mapping["columns"], **{k: v for k, v in columns.items() if v}}
        }
        for kind, words in self.listed.items():
            found = {word: values.get(f"{kind}_{number}") or None for number, word in enumerate(words)}
            if kind == "people":
                found = {word: self.members.get(name.lower()) if name else None for word, name in found.items()}
            mapping[kind] = found
        mapping["dates"] = {"order": values.get("order") or None, "timezone": values.get("timezone", "")}
        return {"mapping": mapping, "on_existing": values.get("on_existing"), "notify": values.get("notify", False)}

    def reject(self, error: DomainError) -> None:
        """Say at its fields what a run still needs."""
        if error.code != "mapping_incomplete":
            super().reject(error)
            return
        self.http_status, self.rejection = error.status, error
        for pointer in error.extra["missing"]:
            kind, _slash, word = pointer.strip("/").partition("/")
            if kind == "columns":
                self.add_error(None, _("Choose which column is the title."))
            elif kind == "dates":
                self.add_error("order", _("Choose how dates are written."))
            elif word in self.listed[kind]:
                self.add_error(f"{kind}_{self.listed[kind].index(word)}", _("Choose a status."))
            else:
                self.add_error(None, _("There are too many different statuses. Is another column the status?"))
                return

    def _add_details(self, details: Any) -> None:
        of_mapping = details.pop("mapping", {})
        if "dates" in of_mapping:
            details["timezone"] = of_mapping.pop("dates")
        super()._add_details({"": of_mapping} if of_mapping else {})
        super()._add_details(details)


def digest_of(job: ImportJob) -> str:
    """Return a short text that changes with the columns and words that were found."""
    found = [job.analysis["columns"], job.analysis["words"]]
    return hashlib.sha256(json.dumps(found, sort_keys=True).encode()).hexdigest()[:16]

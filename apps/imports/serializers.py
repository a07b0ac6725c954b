"""The JSON shapes of imports."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from apps.common.api.serializers import IdField, InstantField, StrictMixin, StrictSerializer, TextField
from apps.imports.judging.dates import ORDERS
from apps.imports.models import ImportJob, ImportRow, ImportSource, OnExisting, RowResult
from apps.imports.reading import AUTO, TARGETS
from apps.imports.sources.encodings import ENCODINGS
from apps.tasks.models import LABEL_NAME_LENGTH, Priority, Status
from apps.users.names import validate_timezone

SOURCES = [(AUTO, AUTO), *ImportSource.choices]
DATE_ORDERS = [(order, order) for order in ORDERS]
ENCODING_CHOICES = [(name, name) for name in ENCODINGS]
ENCODING_HELP = "The character set of a text."
SINGLE = ("title", "description", "status", "priority", "assignee", "creator", "due", "external_id")


class ImportDatesChangeSerializer(StrictSerializer):
    """How the dates of the file are written."""

    order = serializers.ChoiceField(choices=DATE_ORDERS, allow_null=True, required=False)
    timezone = serializers.CharField(required=False, help_text="Of instants without one: an IANA name.")

    def validate_timezone(self, value: str) -> str:
        """Reject what is no time zone."""
        validate_timezone(value)
        return value


class ImportMappingChangeSerializer(StrictSerializer):
    """What columns and words of the file mean here; what a PATCH leaves out stays as it is."""

    columns = serializers.DictField(
        child=serializers.CharField(),
        required=False,
        help_text=f"What a column is, by its index from 0: {', '.join(TARGETS)}.",
    )
    statuses = serializers.DictField(
        child=serializers.CharField(allow_null=True),
        required=False,
        help_text=f"One of {', '.join(Status.values)}, or null.",
    )
    priorities = serializers.DictField(
        child=serializers.CharField(allow_null=True),
        required=False,
        help_text=f"One of {', '.join(Priority.values)}, or null.",
    )
    labels = serializers.DictField(
        child=TextField(max_length=LABEL_NAME_LENGTH, allow_null=True),
        required=False,
        help_text="The name that a label gets here; null leaves it out.",
    )
    people = serializers.DictField(
        child=IdField(allow_null=True), required=False, help_text="Members of the project by their names in the file."
    )
    dates = ImportDatesChangeSerializer(required=False)

    def validate_statuses(self, value: dict[str, str | None]) -> dict[str, str | None]:
        """Reject what is no status."""
        return _known(value, {*Status.values, None})

    def validate_priorities(self, value: dict[str, str | None]) -> dict[str, str | None]:
        """Reject what is no priority."""
        return _known(value, {*Priority.values, None})

    def validate_columns(self, value: dict[str, str]) -> dict[str, str]:
        """Reject indices that are none, and two columns for what a task has once."""
        if any(not (key.isascii() and key.isdecimal()) for key in value):
            raise serializers.ValidationError("Name columns by their index.", code="invalid")
        _known(value, set(TARGETS))
        for target in SINGLE:
            if list(value.values()).count(target) > 1:
                raise serializers.ValidationError(f"Two columns cannot be the {target}.", code="invalid")
        return value


def _known(values: dict[str, Any], known: set[Any]) -> dict[str, Any]:
    """Return the values; ValidationError at each that is not `known`."""
    wrong = {word: ["None of the choices."] for word, value in values.items() if value not in known}
    if wrong:
        raise serializers.ValidationError(wrong, code="invalid_choice")
    return values


class ImportDatesSerializer(serializers.Serializer[Any]):
    """How the dates of the file are read."""

    order = serializers.ChoiceField(choices=DATE_ORDERS, allow_null=True, help_text="Null while nothing decides it.")
    timezone = serializers.CharField(help_text="Of instants without one: an IANA name.")


class ImportMappingSerializer(serializers.Serializer[Any]):
    """What columns and words of the file mean here; null for what is not known."""

    columns = serializers.DictField(child=serializers.CharField(), help_text="What a column is, by its index from 0.")
    statuses = serializers.DictField(child=serializers.CharField(allow_null=True))
    priorities = serializers.DictField(child=serializers.CharField(allow_null=True))
    labels = serializers.DictField(child=serializers.CharField(allow_null=True))
    people = serializers.DictField(child=serializers.IntegerField(allow_null=True))
    dates = ImportDatesSerializer()


class ImportColumnSerializer(serializers.Serializer[Any]):
    """A column of the file."""

    index = serializers.IntegerField()
    header = serializers.CharField()
    samples = serializers.ListField(child=serializers.CharField())


class ImportSampleSerializer(serializers.Serializer[Any]):
    """A row as it was read."""

    row = serializers.IntegerField()
    external_id = serializers.CharField()
    title = serializers.CharField()
    status = serializers.CharField()
    priority = serializers.CharField()
    assignee = serializers.CharField()
    labels = serializers.ListField(child=serializers.CharField())
    due = serializers.CharField()
    comments = serializers.IntegerField()


class ImportFoundSerializer(serializers.Serializer[Any]):
    """What the file has."""

    tasks = serializers.IntegerField()
    comments = serializers.IntegerField()
    labels = serializers.IntegerField()
    people = serializers.IntegerField()
    relations = serializers.IntegerField()


class ImportResultSerializer(serializers.Serializer[Any]):
    """Rows by what became of them."""

    created = serializers.IntegerField()
    updated = serializers.IntegerField()
    unchanged = serializers.IntegerField()
    kept = serializers.IntegerField(help_text="A field was changed here since the last import, and left.")
    skipped = serializers.IntegerField(
        help_text="Rows that are no tasks, like pull requests, or whose task is in the trash or left under `skip`."
    )
    failed = serializers.IntegerField()


class ImportSerializer(StrictMixin, serializers.ModelSerializer[ImportJob]):
    """A file that becomes tasks."""

    project = IdField(source="project_id", read_only=True, allow_null=True, help_text="Null until a new one is made.")
    source = serializers.ChoiceField(choices=ImportSource.choices, read_only=True)  # type: ignore[assignment]  # as below
    encoding = serializers.ChoiceField(
        choices=ENCODING_CHOICES,
        allow_null=True,
        required=False,
        help_text=f"{ENCODING_HELP} Null for an archive. Another one makes a new proposal of the mapping.",
    )
    counts = serializers.SerializerMethodField(help_text="What the file has.")
    columns = serializers.SerializerMethodField()
    samples = serializers.SerializerMethodField(help_text="At most ten rows.")
    warnings = serializers.SerializerMethodField()
    mapping = ImportMappingSerializer(read_only=True)
    on_existing = serializers.ChoiceField(
        choices=OnExisting.choices, required=False, help_text="What becomes of a task that the row has made before."
    )
    notify = serializers.BooleanField(required=False, help_text="Whether webhooks are sent the events.")
    result = serializers.SerializerMethodField(help_text="Null before a run.")
    undo_until = InstantField(read_only=True, allow_null=True)
    created_at = InstantField(read_only=True)
    finished_at = InstantField(read_only=True, allow_null=True)

    class Meta:
        model = ImportJob
        fields = (
            *("id", "source", "project", "file_name", "encoding", "state", "counts", "columns", "mapping"),
            *("on_existing", "notify"),
            *("samples", "warnings", "dry_run", "result", "batch_id", "undo_until", "created_at", "finished_at"),
        )
        read_only_fields = ("file_name", "state", "dry_run", "batch_id")

    @extend_schema_field(ImportFoundSerializer)
    def get_counts(self, job: ImportJob) -> dict[str, int]:
        """Return how much the file has."""
        counts: dict[str, int] = job.analysis["counts"]
        return counts

    @extend_schema_field(ImportColumnSerializer(many=True))
    def get_columns(self, job: ImportJob) -> list[dict[str, Any]]:
        """Return the columns of a table."""
        columns: list[dict[str, Any]] = job.analysis["columns"]
        return columns

    @extend_schema_field(ImportSampleSerializer(many=True))
    def get_samples(self, job: ImportJob) -> list[dict[str, Any]]:
        """Return the first rows as they were read."""
        samples: list[dict[str, Any]] = job.analysis["samples"]
        return samples

    @extend_schema_field(serializers.ListField(child=serializers.CharField()))
    def get_warnings(self, job: ImportJob) -> list[str]:
        """Return what is to be known of the file as a whole."""
        found = [*job.analysis.get("warnings", []), *job.analysis.get("warnings_of_run", [])]
        return [*found, *([job.error] if job.error else [])]

    @extend_schema_field(ImportResultSerializer(allow_null=True))
    def get_result(self, job: ImportJob) -> dict[str, int] | None:
        """Return the rows by result, as far as a run is or was."""
        return {**dict.fromkeys(RowResult.values, 0), **job.result} if job.result else None


class ImportChangeSerializer(ImportSerializer):
    """What of an import can be changed before it runs."""

    mapping = ImportMappingChangeSerializer(required=False)  # type: ignore[assignment]  # what is left out stays

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Leave out the encoding of an archive that is sent back as it was read."""
        if attrs.get("encoding", "") is None:
            del attrs["encoding"]
        return attrs


class ImportUploadSerializer(StrictSerializer):
    """A file to be imported."""

    file = serializers.FileField(allow_empty_file=True)
    source = serializers.ChoiceField(choices=SOURCES, default="auto")  # type: ignore[assignment]  # DRF's own name
    project = IdField(required=False, allow_null=True, help_text="Empty for a new project.")
    encoding = serializers.ChoiceField(
        choices=ENCODING_CHOICES, required=False, help_text=f"{ENCODING_HELP} Left out: recognised."
    )

    def to_internal_value(self, data: Any) -> Any:
        """Take an empty `project` for none: forms cannot send null."""
        if hasattr(data, "dict"):
            data = data.dict()
        if data.get("project") == "":
            data = {**data, "project": None}
        return super().to_internal_value(data)


class ImportRunSerializer(StrictSerializer):
    """How an import is run."""

    dry_run = serializers.BooleanField(default=False, help_text="Say what would happen, and change nothing.")


class ImportUndoSerializer(StrictSerializer):
    """Nothing has to be said."""


class ImportFaultSerializer(serializers.Serializer[Any]):
    """Why a row was not imported."""

    code = serializers.CharField()
    detail = serializers.CharField()


class ImportRowSerializer(serializers.ModelSerializer[ImportRow]):
    """What became of a row; `row` counts from 1, without the headers."""

    task = serializers.IntegerField(source="task_id", allow_null=True)
    result = serializers.ChoiceField(choices=RowResult.choices)
    errors = ImportFaultSerializer(many=True)  # type: ignore[assignment]  # DRF has an attribute of this name
    warnings = serializers.ListField(child=serializers.CharField())

    class Meta:
        model = ImportRow
        fields = ("row", "external_id", "result", "task", "errors", "warnings")
        read_only_fields = fields

"""Serializers that reject what they do not know, and fields that keep the house's shapes."""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from datetime import UTC, datetime
from typing import Any

from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail

from apps.common.dates.instants import DATE, is_instant
from apps.common.text.names import FAULTS, name_fault

ID_MAX = 2**63 - 1
ANY_FIELD = serializers.Field[Any, Any, Any, Any]

_built: dict[type, dict[str, ANY_FIELD]] = {}  # the fields of each class, bound to no serializer
_checking: dict[tuple[type, bool], serializers.Serializer[Any]] = {}  # see `checked`; by class and whether partial


def fresh(field: ANY_FIELD) -> ANY_FIELD:
    """Return a copy of an unbound field, to be bound; one with a child, which is bound to it, as DRF copies it."""
    if hasattr(field, "child") or hasattr(field, "child_relation"):
        copied: ANY_FIELD = deepcopy(field)
        return copied
    made = type(field).__new__(type(field))
    made.__dict__ |= field.__dict__
    return made


class StrictMixin:
    """Unknown fields are errors (`unknown_field`); known read-only fields sent back are ignored.

    `Meta.ignored` names those of them that only other answers have.

    Everything that is wrong with a body is said at once: a fault of one kind hides none of another.

    Fields are a matter of the class, so they are built once: that takes longer than all checks of a body.
    """

    def get_fields(self) -> dict[str, ANY_FIELD]:
        """Return fields of this serializer's own; nothing in them is shared that a serializer changes."""
        built = _built.get(type(self))
        if built is None:
            built = _built[type(self)] = super().get_fields()  # type: ignore[misc]
        return {name: fresh(field) for name, field in built.items()}

    def to_internal_value(self, data: Any) -> Any:
        if not isinstance(data, Mapping):
            return super().to_internal_value(data)  # type: ignore[misc]
        ignored = getattr(getattr(self, "Meta", None), "ignored", ())
        found: dict[str, Any] = {
            str(name): ErrorDetail("There is no such field.", code="unknown_field")
            for name in data
            if name not in self.fields and name not in ignored  # type: ignore[attr-defined]
        }
        found |= self.faults(data)
        try:
            value = super().to_internal_value(data)  # type: ignore[misc]
        except serializers.ValidationError as error:
            raise serializers.ValidationError(found | dict(error.detail) | found) from None  # type: ignore[arg-type]
        if found:
            raise serializers.ValidationError(found)
        return value

    def faults(self, data: Mapping[str, Any]) -> dict[str, ErrorDetail]:
        """Return {field: fault} for rules over several fields of a body that may be wrong in itself."""
        return {}


def checked(kind: type[serializers.BaseSerializer[Any]], data: Any, *, partial: bool = False) -> dict[str, Any]:
    """Return the fields of a body after the checks of `kind`, whose rules look at nothing but the body.

    Raises ValidationError as `is_valid` does. The serializer is built once: that takes longer than its checks, and
    checking changes nothing in it.
    """
    try:
        fields: dict[str, Any] = _kept(kind, partial=partial).run_validation(data)
    except serializers.ValidationError:
        rejecting = kind(data=data, partial=partial)  # words the faults of a body, one that is no object among them
        rejecting.is_valid(raise_exception=True)
        raise
    return fields


def _kept(kind: type[serializers.BaseSerializer[Any]], *, partial: bool) -> serializers.Serializer[Any]:
    """Return the serializer of this process with its fields and validators, which DRF would build at the first body."""
    if (kind, partial) not in _checking:
        made: Any = kind(data={}, partial=partial)
        made.fields, made.validators  # noqa: B018 - builds them
        _checking[kind, partial] = made
    return _checking[kind, partial]


class StrictSerializer(StrictMixin, serializers.Serializer[Any]):
    """A plain serializer that rejects unknown fields."""


class InstantField(serializers.DateTimeField):
    """An instant: ISO 8601 in (UTC when it has no offset), UTC with `Z` out; years 1 to 9999 in UTC.

    Date and time of day, nothing left out: Python would also read weeks and bare digits.
    """

    default_error_messages = {"out_of_range": "The instant is out of range."}

    def to_internal_value(self, value: Any) -> datetime:
        if isinstance(value, str) and not is_instant(value):
            self.fail("date" if DATE.fullmatch(value) else "invalid", format="YYYY-MM-DDThh:mm[:ss[.uuuuuu]][Z|±hh:mm]")
        try:
            instant: datetime = super().to_internal_value(value)
            return instant.astimezone(UTC)
        except (OverflowError, ValueError):
            self.fail("out_of_range")


class IdField(serializers.IntegerField):
    """An id in a body."""

    def __init__(self, **options: Any) -> None:
        super().__init__(min_value=1, max_value=ID_MAX, **options)

    def to_internal_value(self, data: Any) -> int:
        if isinstance(data, float):
            self.fail("invalid")
        return super().to_internal_value(data)


class IdListField(serializers.ListField):
    """Ids in a body."""

    child = IdField()

    def run_child_validation(self, data: Any) -> Any:
        """Return the ids; those that are plainly right are not asked for one by one, which takes 5 ms for 200."""
        if all(type(each) is int and 0 < each <= ID_MAX for each in data):
            return data
        return super().run_child_validation(data)


class TextField(serializers.CharField):
    """Text only: numbers and booleans are not taken for text."""

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("invalid")
        value: str = super().to_internal_value(data)
        return value


class NameField(TextField):
    """The name of a thing: one line that shows something, and does not rewrite the text around it."""

    default_error_messages = {**FAULTS}

    def to_internal_value(self, data: Any) -> str:
        name = super().to_internal_value(data)
        if fault := name_fault(name):
            self.fail(fault)
        return name


class ChangesField(serializers.JSONField):
    """What changed: {field: {"from", "to"}}."""

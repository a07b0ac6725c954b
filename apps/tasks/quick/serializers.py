"""The body and the answer of quick add."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from apps.common.api.serializers import IdField, StrictSerializer, TextField
from apps.tasks.quick.reading import Token
from apps.tasks.serializers import TaskDetailSerializer

TEXT_LENGTH = 500  # characters


class QuickSerializer(StrictSerializer):
    """A task in one line of text."""

    text = TextField(max_length=TEXT_LENGTH, trim_whitespace=False, help_text="`Pay rent tomorrow 9:00 #bills !high`.")
    project = IdField(required=False, help_text="Comes before a `^` in the text; without both it is the Inbox.")
    dry_run = serializers.BooleanField(default=False, help_text="Only say how the text is read.")
    ignore = serializers.ListField(
        child=serializers.IntegerField(min_value=0, max_value=TEXT_LENGTH),
        max_length=TEXT_LENGTH,
        required=False,
        help_text="Positions of tokens that stay text.",
    )
    tz = TextField(
        required=False, allow_blank=True, help_text="The time zone of the text, an IANA name; without it the caller's."
    )


@extend_schema_field(
    {"oneOf": [{"type": "string"}, {"type": "integer"}], "description": "As in `fields`; of labels, one entry."}
)
class TokenValueField(serializers.Field[Any, Any, Any, Any]):
    """The value that a token gives to its field."""

    def to_representation(self, value: Any) -> Any:
        return value


class TokenSerializer(serializers.Serializer[Token]):
    """A piece of the text that became a field."""

    text = serializers.CharField()
    position = serializers.IntegerField(help_text="In characters (Unicode code points) from 0.")
    length = serializers.IntegerField(help_text="In characters.")
    field = serializers.CharField()
    value = TokenValueField()


class QuickTaskSerializer(serializers.Serializer[Any]):
    """A task made from a text, and how the text was read."""

    task = TaskDetailSerializer(allow_null=True, help_text="Null after a dry run.")
    fields = serializers.DictField(  # type: ignore[assignment]  # DRF has an attribute of this name
        help_text="The body of `POST /api/tasks/`; a label that did not exist stands in it as its name."
    )
    tokens = TokenSerializer(many=True)
    warnings = serializers.ListField(child=serializers.CharField(), help_text="What was not understood and stays text.")

"""The JSON shapes of comments."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema_serializer
from rest_framework import serializers

from apps.common.api.serializers import InstantField, StrictMixin, TextField
from apps.tasks.models import COMMENT_LENGTH, Comment, CommentVersion
from apps.users.serializers import PersonSerializer


class CommentSerializer(serializers.ModelSerializer[Comment]):
    """A comment on a task; of a deleted one only the place is left."""

    task = serializers.IntegerField(source="task_id", read_only=True)
    body = serializers.CharField(read_only=True, allow_null=True, help_text="Markdown; null once deleted.")
    author = PersonSerializer(read_only=True, allow_null=True)
    created_at = InstantField(read_only=True)
    edited_at = InstantField(read_only=True, allow_null=True, help_text="Null until it is edited.")
    is_deleted = serializers.BooleanField(read_only=True)

    class Meta:
        model = Comment
        fields = (
            "id",
            "task",
            "body",
            "author",
            "version",
            "edits_count",
            "created_at",
            "edited_at",
            "is_deleted",
        )
        read_only_fields: tuple[str, ...] = fields
        extra_kwargs = {
            "version": {"help_text": "Rises with every edit, and with the deletion."},
            "edits_count": {"help_text": "How often it was edited."},
        }


@extend_schema_serializer(component_name="Comment")
class CommentTextSerializer(StrictMixin, CommentSerializer):
    """The text of a comment."""

    body = TextField(max_length=COMMENT_LENGTH, help_text="Markdown. Blanks around it are removed.")

    class Meta(CommentSerializer.Meta):
        read_only_fields = tuple(name for name in CommentSerializer.Meta.fields if name != "body")


class CommentVersionSerializer(serializers.ModelSerializer[CommentVersion]):
    """A former text of a comment."""

    number = serializers.IntegerField(read_only=True, help_text="The version that the comment had with it.")
    body = serializers.CharField(read_only=True, allow_null=True, help_text="Null once erased.")
    written_at = InstantField(read_only=True)
    is_erased = serializers.BooleanField(read_only=True)

    class Meta:
        model = CommentVersion
        fields = ("number", "body", "written_at", "is_erased")
        read_only_fields = fields

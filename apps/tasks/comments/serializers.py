"""The JSON shapes of comments."""

from __future__ import annotations

from django.db.models import BooleanField, Expression, ExpressionWrapper, OuterRef, Q
from drf_spectacular.utils import extend_schema_serializer
from rest_framework import serializers

from apps.common.api.serializers import InstantField, StrictMixin, TextField
from apps.common.sql.json import JsonArray, json_of
from apps.tasks.comments.rendering import current_mentions
from apps.tasks.models import COMMENT_LENGTH, Comment, CommentVersion
from apps.users.serializers import PersonSerializer


class MentionsField(serializers.ListField):
    """The people who are named in a text and still members, in order of appearance."""

    child = PersonSerializer()

    def json_sql(self, path: str) -> Expression:
        """Return them in SQL, see `apps.common.sql.json`."""
        named = current_mentions().select_related(None).filter(comment=OuterRef(f"{path}pk"))
        return JsonArray(named.values_list(json_of(PersonSerializer(), "user__")))


class IsDeletedField(serializers.BooleanField):
    """Whether nothing but the comment's place is left."""

    def json_sql(self, path: str) -> Expression:
        """Return the same in SQL, see `apps.common.sql.json`."""
        return ExpressionWrapper(Q(**{f"{path}deleted_at__isnull": False}), output_field=BooleanField())


class CommentSerializer(serializers.ModelSerializer[Comment]):
    """A comment on a task; of a deleted one only the place is left."""

    task = serializers.IntegerField(source="task_id", read_only=True)
    body = serializers.CharField(read_only=True, allow_null=True, help_text="Markdown; null once deleted.")
    body_html = serializers.CharField(
        read_only=True, allow_null=True, help_text="Only with `include=html`; null once deleted."
    )
    author = PersonSerializer(read_only=True, allow_null=True)
    mentions = MentionsField(
        read_only=True, help_text="Members who are named in the present text, in order of appearance."
    )
    created_at = InstantField(read_only=True)
    edited_at = InstantField(read_only=True, allow_null=True, help_text="Null until it is edited.")
    is_deleted = IsDeletedField(read_only=True)

    class Meta:
        model = Comment
        fields = (
            "id",
            "task",
            "body",
            "body_html",
            "author",
            "mentions",
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
        optional = ("body_html",)  # in answers that ask for it


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

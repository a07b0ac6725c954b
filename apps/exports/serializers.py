"""The JSON shape of exports."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from rest_framework import serializers
from rest_framework.reverse import reverse

from apps.common.api.serializers import IdField, InstantField, StrictMixin
from apps.common.errors import ValidationError
from apps.exports.models import Export, ExportScope, ExportState


class ExportSerializer(StrictMixin, serializers.ModelSerializer[Export]):
    """Everything that a project or an account has, as a zip file."""

    scope = serializers.ChoiceField(choices=ExportScope.choices)
    project = IdField(source="project_id", required=False, allow_null=True, help_text="With the scope `project`.")
    with_files = serializers.BooleanField(default=False, help_text="Whether the files of tasks are in it.")
    state = serializers.SerializerMethodField()
    size = serializers.IntegerField(read_only=True, allow_null=True, help_text="Bytes.")
    sha256 = serializers.SerializerMethodField(help_text="Of the file; null until there is one.")
    created_at = InstantField(read_only=True)
    expires_at = InstantField(read_only=True, allow_null=True)
    url = serializers.SerializerMethodField(help_text="Where the file is; null while there is none.")

    class Meta:
        model = Export
        fields = ("id", "scope", "project", "with_files", "state", "size", "sha256", "created_at", "expires_at", "url")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Reject a project of an account, and a scope of a project without one."""
        has_project = attrs.get("project_id") is not None
        if attrs["scope"] == ExportScope.PROJECT and not has_project:
            raise ValidationError.at("/project", "required", "Say which project.")
        if attrs["scope"] == ExportScope.ACCOUNT and has_project:
            raise ValidationError.at("/project", "contradiction", "An export of the account names no project.")
        return attrs

    def get_state(self, export: Export) -> ExportState:
        """Return the state as it is now."""
        return export.state_at(timezone.now())

    def get_sha256(self, export: Export) -> str | None:
        """Return the checksum, None while there is none."""
        return export.sha256 or None

    def get_url(self, export: Export) -> str | None:
        """Return the address of the download, None while there is nothing to download."""
        if export.state_at(timezone.now()) != ExportState.READY:
            return None
        return reverse("export-download", kwargs={"pk": export.pk}, request=self.context.get("request"))

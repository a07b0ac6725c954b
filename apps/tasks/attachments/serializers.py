"""The JSON shapes of attachments."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail
from rest_framework.reverse import reverse

from apps.common.api.serializers import InstantField, StrictMixin, StrictSerializer
from apps.tasks.models import Attachment
from apps.users.serializers import PersonSerializer


class AttachmentSerializer(StrictMixin, serializers.ModelSerializer[Attachment]):
    """A file of a task."""

    uploaded_by = PersonSerializer(read_only=True)
    uploaded_at = InstantField(read_only=True)
    url = serializers.SerializerMethodField(help_text="Where the content is; it takes the same token as any request.")

    class Meta:
        model = Attachment
        fields = ("id", "name", "size", "content_type", "sha256", "uploaded_by", "uploaded_at", "url")
        read_only_fields = fields
        extra_kwargs = {
            "name": {"help_text": "The file's name as it was uploaded, without folders."},
            "size": {"help_text": "In bytes."},
            "content_type": {"help_text": "The media type, determined from the content."},
            "sha256": {"help_text": "The SHA-256 of the content, in hexadecimal."},
        }

    @extend_schema_field(OpenApiTypes.URI)
    def get_url(self, attachment: Attachment) -> str:
        """Return where the bytes are; asking there needs the same token as anywhere."""
        place = {"task_pk": attachment.task_id, "pk": attachment.pk}
        return reverse("task-attachment-download", kwargs=place, request=self.context.get("request"))


class AttachmentUploadSerializer(StrictSerializer):
    """The form of an upload: exactly one file."""

    file = serializers.FileField(write_only=True, use_url=False)

    def faults(self, data: Mapping[str, Any]) -> dict[str, ErrorDetail]:
        """Return what the upload handler found, and `file` as text beside the file."""
        found: dict[str, ErrorDetail] = dict(self.context["faults"])
        sent = getattr(self.initial_data, "getlist", None)  # a request without a body is no form
        if sent and len(sent("file")) > 1:
            found.setdefault("file", ErrorDetail("Send exactly one file.", code="one_file"))
        return found

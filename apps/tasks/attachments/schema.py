"""What OpenAPI says of attachments: summaries, examples, rejections."""

from __future__ import annotations

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiResponse, extend_schema

from apps.common.openapi.example_bodies import answer_example
from apps.common.openapi.schema import rejections
from apps.tasks.attachments.content_types import ENDINGS
from apps.tasks.attachments.content_types.texts import JSON
from apps.tasks.attachments.serializers import AttachmentSerializer, AttachmentUploadSerializer

ATTACHMENT = {
    "id": 31,
    "name": "plan.pdf",
    "size": 48_211,
    "content_type": "application/pdf",
    "sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "uploaded_by": {"id": 8, "username": "grace", "nickname": "", "avatar": None},
    "uploaded_at": "2026-11-20T09:30:00Z",
    "url": "https://tasks.example.com/api/tasks/42/attachments/31/download/",
}
ARCHIVED = "The project is archived and so read-only."
ACCEPTED = (
    "PNG, JPEG, GIF, WebP, TIFF, HEIC, PDF, plain text (with CSV, Markdown, logs, mails, patches, calendars), JSON, "
    "ZIP, 7z, OpenDocument, Office Open XML and the formats of Word, Excel, PowerPoint and Outlook before it"
)
MEDIA_TYPES = sorted(set().union(*ENDINGS.values()))
SENT = OpenApiExample("One file", value={"file": "%PDF-1.7 …"}, request_only=True, media_type="multipart/form-data")
# A JSON file is JSON to whoever reads the answer, everything else is bytes.
# Bytes come first: client generators take the first type they know, and a file is not to be parsed.
FILES: dict[Any, Any] = {
    (200, media_type): OpenApiResponse(
        OpenApiTypes.ANY if media_type == JSON else OpenApiTypes.BINARY, description="The file."
    )
    for media_type in ("application/octet-stream", *MEDIA_TYPES)
}
SHOWN = answer_example("A file", ATTACHMENT)

ATTACHMENTS = {
    "list": extend_schema(
        summary="List the files of a task",
        description="Newest first. A file appears once it has been uploaded completely.",
        examples=[SHOWN],
    ),
    "create": extend_schema(
        operation_id="uploadTaskAttachment",
        summary="Upload a file to a task",
        description=(
            f"Takes one file in the form field `file`. Accepted are {ACCEPTED}. What counts is the content, not the "
            "name; a name whose extension contradicts the content is rejected."
        ),
        request={"multipart/form-data": AttachmentUploadSerializer},
        examples=[SENT, SHOWN],
        responses={201: AttachmentSerializer}
        | rejections(
            {
                409: {
                    "project_archived": ARCHIVED,
                    "task_archived": "The task is archived: bring it back to attach files.",
                    "quota_exceeded": "The project's files would hold more bytes than it may.",
                },
                507: {"insufficient_storage": "There is no room for the file on the server now."},
            }
        ),
    ),
    "retrieve": extend_schema(
        summary="Get a file of a task",
        description="Name, type and size of the file; `url` is where its content is.",
        examples=[SHOWN],
    ),
    "destroy": extend_schema(
        summary="Delete a file of a task",
        description="Members delete files that they uploaded, admins any.",
        responses={204: None} | rejections({409: {"project_archived": ARCHIVED}}),
    ),
    "download": extend_schema(
        operation_id="downloadTaskAttachment",
        summary="Download a file of a task",
        description=(
            "The content of the file, always as a download. The `ETag` is the sha256 of the content; sent back in "
            "`If-None-Match`, it gives 304."
        ),
        responses=FILES
        | {304: OpenApiResponse(None, description="Unchanged since If-None-Match.")}
        | rejections({404: {"not_found": "Not found.", "file_missing": "The file no longer exists."}}),
    ),
}

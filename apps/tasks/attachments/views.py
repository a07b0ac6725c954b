"""HTTP for the files of a task."""

from __future__ import annotations

from contextlib import nullcontext
from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.db.models import DateTimeField, F, QuerySet
from django.http.response import HttpResponse, HttpResponseBase
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework.decorators import action
from rest_framework.request import Request

from apps.common.api.downloads import DownloadMixin
from apps.common.api.idempotency import Scope, scope_of
from apps.common.api.parsers import FRAME_BYTES, UploadParser
from apps.common.api.token_scopes import needs
from apps.common.api.views import DestroyMixin, ListMixin, RetrieveMixin, ScopedViewSet
from apps.common.errors import ForbiddenError
from apps.common.lists.ordering import OrderKey
from apps.common.text.sorting import SortKey
from apps.common.transactions import run_write
from apps.projects.permissions import HasCapability
from apps.projects.roles import Capability, allows
from apps.tasks.attachments import services
from apps.tasks.attachments.downloads import download
from apps.tasks.attachments.schema import ATTACHMENTS
from apps.tasks.attachments.serializers import AttachmentSerializer, AttachmentUploadSerializer
from apps.tasks.attachments.uploads import drain, receiving
from apps.tasks.child_views import TaskChildMixin
from apps.tasks.models import Attachment


@extend_schema(tags=["attachments"])
@extend_schema_view(**ATTACHMENTS)
class AttachmentViewSet(
    TaskChildMixin, DownloadMixin, ListMixin, RetrieveMixin, DestroyMixin, ScopedViewSet[Attachment]
):
    """The files of one task. Whether the task is visible, and the role, are decided before the body is read."""

    serializer_class = AttachmentSerializer
    permission_classes = [HasCapability]
    token_scopes = needs("tasks:read", "files:write")
    parser_classes = [UploadParser]
    required_capability = {
        **dict.fromkeys(("list", "retrieve", "download", "metadata"), Capability.VIEW),
        **dict.fromkeys(("create", "destroy"), Capability.WRITE_TASKS),
    }
    throttle_scopes = {"create": "upload", "destroy": "write"}
    ordering_keys = {
        "uploaded_at": OrderKey(F("uploaded_at"), kind=DateTimeField),
        "name": OrderKey(SortKey("name")),
    }
    default_ordering = "-uploaded_at"

    @property
    def max_upload_bytes(self) -> int:
        """Return the limit that the parser applies to the announced length."""
        limit: int = settings.ATTACHMENT_MAX_BYTES
        return limit

    def check_object_permissions(self, request: Request, obj: Any) -> None:
        super().check_object_permissions(request, obj)
        if self.action == "destroy" and isinstance(obj, Attachment):
            own = obj.uploaded_by_id == request.user.pk
            if not own and not allows(obj.role, Capability.DELETE_ANY_TASK):
                raise ForbiddenError("Only who attached the file or an admin of the project deletes it.")

    def scope(self) -> QuerySet[Attachment]:
        return Attachment.objects.visible_to(self.actor).filter(task=self.task).select_related("uploaded_by")

    def create(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        # The work spans transactions, so the key is held by the connection and not by one of them.
        key = scope_of(request)
        try:
            with key.held() if key else nullcontext():
                return self._receive(request, key)
        except Exception:
            drain(request, limit=self.max_upload_bytes + FRAME_BYTES)
            raise

    create.is_idempotent = True  # type: ignore[attr-defined]  # for the schema

    def _receive(self, request: Request, key: Scope | None) -> HttpResponse:
        with receiving(request, actor=self.actor, task=self.task) as handler:
            body = AttachmentUploadSerializer(data=request.data, context={"faults": handler.faults})
            body.is_valid(raise_exception=True)
            upload = handler.upload
            assert upload is not None  # noqa: S101 - the serializer has seen the file
            if key is not None:
                key.read(request)
                if (kept := key.kept()) is not None:
                    return kept
            upload.place()

            def work() -> HttpResponse:
                response = self.answer_write(
                    lambda: services.publish(actor=self.actor, upload=upload), status=HTTPStatus.CREATED
                )
                if key is not None:
                    key.keep(response)
                return response

            response = run_write(work)
            upload.settle()
            return response

    def answer_written(self, row: Attachment, *, status: int = HTTPStatus.OK) -> HttpResponse:
        """Return the file as it was just written, under the locks of its project and task."""
        return self.answer(row, status=status)

    def delete_row(self, attachment: Attachment) -> None:
        services.delete_attachment(actor=self.actor, attachment=attachment)

    @action(detail=True, methods=["get"])
    def download(self, request: Request, task_pk: str, pk: str) -> HttpResponseBase:
        return download(request._request, self.get_object())

"""HTTP for exports."""

from __future__ import annotations

from typing import Any

from django.db.models import DateTimeField, F, QuerySet
from django.http.response import HttpResponse, HttpResponseBase
from django.utils import timezone
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import status
from rest_framework.decorators import action
from rest_framework.request import Request

from apps.common.api.downloads import DownloadMixin
from apps.common.api.idempotency import idempotent
from apps.common.api.token_scopes import needs
from apps.common.api.views import DestroyMixin, ListMixin, RetrieveMixin, ScopedViewSet
from apps.common.errors import ConflictError, GoneError
from apps.common.lists.ordering import OrderKey
from apps.exports import schema, services
from apps.exports.models import Export, ExportState
from apps.exports.serializers import ExportSerializer
from apps.tasks.attachments.downloads import download_stored


@extend_schema(tags=["exports"])
@extend_schema_view(**schema.EXPORTS)
class ExportViewSet(DownloadMixin, ListMixin, RetrieveMixin, DestroyMixin, ScopedViewSet[Export]):
    """Exports that the caller asked for, those of projects while they administer them."""

    http_method_names = ["get", "post", "delete", "head", "options"]
    token_scopes = needs("export:read", "export:read")
    serializer_class = ExportSerializer
    throttle_scopes = {"create": "exports", "destroy": "write"}
    ordering_keys = {"created_at": OrderKey(F("created_at"), kind=DateTimeField)}
    default_ordering = "-created_at"

    def scope(self) -> QuerySet[Export]:
        return Export.objects.visible_to(self.actor)

    @idempotent
    def create(self, request: Request) -> HttpResponse:
        fields: dict[str, Any] = self.validated(request)
        return self.answer_write(
            lambda: services.request_export(
                actor=self.actor,
                scope=fields["scope"],
                project_id=fields.get("project_id"),
                with_files=fields["with_files"],
            ),
            status=status.HTTP_202_ACCEPTED,
        )

    def delete_row(self, export: Export) -> None:
        services.delete_export(export=export)

    @action(detail=True, pagination_class=None, filter_backends=[])
    def download(self, request: Request, pk: str) -> HttpResponseBase:
        export = self.get_object()
        match export.state_at(timezone.now()):
            case ExportState.READY:
                return download_stored(request, export, content_type="application/zip", name=export.file_name)
            case ExportState.EXPIRED:
                raise GoneError("The export was kept for its time and is gone.", code="export_expired")
        raise ConflictError("The export is not ready to be downloaded.", code="export_not_ready")

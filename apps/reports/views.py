"""HTTP for reports of a project."""

from __future__ import annotations

import gzip
import io
from collections.abc import Iterator

from django.db.models import DateTimeField, F, QuerySet
from django.http import HttpResponse, StreamingHttpResponse
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import status
from rest_framework.decorators import action
from rest_framework.request import Request

from apps.common.api.downloads import DownloadMixin, download_headers
from apps.common.api.idempotency import idempotent
from apps.common.api.token_scopes import needs
from apps.common.api.views import ListMixin, RetrieveMixin, ScopedViewSet
from apps.common.errors import ConflictError
from apps.common.lists.ordering import OrderKey
from apps.projects.permissions import HasCapability
from apps.projects.roles import Capability
from apps.projects.views import ProjectChildMixin
from apps.reports import schema, services
from apps.reports.models import Report, ReportStatus
from apps.reports.serializers import ReportSerializer

CHUNK = 64 * 1024  # bytes


@extend_schema(tags=["reports"])
@extend_schema_view(**schema.REPORTS)
class ReportViewSet(DownloadMixin, ProjectChildMixin, ListMixin, RetrieveMixin, ScopedViewSet[Report]):
    """Reports of a project: asked for by members, read by all in it."""

    http_method_names = ["get", "post", "head", "options"]
    serializer_class = ReportSerializer
    permission_classes = [HasCapability]
    token_scopes = needs("projects:read", "export:read", download="export:read")
    required_capability = {
        "list": Capability.VIEW,
        "retrieve": Capability.VIEW,
        "download": Capability.VIEW,
        "metadata": Capability.VIEW,
        "create": Capability.WRITE_TASKS,
    }
    throttle_scopes = {"create": "reports"}
    ordering_keys = {"created_at": OrderKey(F("created_at"), kind=DateTimeField)}
    default_ordering = "-created_at"

    def scope(self) -> QuerySet[Report]:
        reports = Report.objects.visible_to(self.actor).filter(project=self.project)
        return reports.defer("content").select_related("created_by")

    @idempotent
    def create(self, request: Request, project_pk: str) -> HttpResponse:
        self.validated(request)
        return self.answer_write(
            lambda: services.request_report(actor=self.actor, project_id=self.project.pk),
            status=status.HTTP_202_ACCEPTED,
        )

    @action(detail=True, pagination_class=None, filter_backends=[])
    def download(self, request: Request, project_pk: str, pk: str) -> StreamingHttpResponse:
        report = self.get_object()
        if report.status != ReportStatus.READY or report.content is None:
            raise ConflictError("The report is not ready to be downloaded.", code="report_not_ready")
        name = f"{self.project.key}-report-{report.pk}.csv"
        return StreamingHttpResponse(
            _unpacked(bytes(report.content)),
            content_type="text/csv; charset=utf-8; header=present",
            headers=download_headers(name),
        )


def _unpacked(table: bytes) -> Iterator[bytes]:
    with gzip.GzipFile(fileobj=io.BytesIO(table)) as packed:
        while chunk := packed.read(CHUNK):
            yield chunk

"""HTTP for imports."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db.models import DateTimeField, F, IntegerField, QuerySet
from django.http.response import HttpResponse
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import status
from rest_framework.decorators import action
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request

from apps.common.api.idempotency import idempotent
from apps.common.api.parsers import StrictJSONParser, UploadParser
from apps.common.api.token_scopes import needs
from apps.common.api.views import DestroyMixin, ListMixin, RetrieveMixin, ScopedViewSet
from apps.common.lists.ordering import OrderKey
from apps.imports import schema, services
from apps.imports.filters import ImportRowFilter
from apps.imports.models import ImportJob, ImportRow
from apps.imports.serializers import (
    ImportChangeSerializer,
    ImportRowSerializer,
    ImportRunSerializer,
    ImportSerializer,
    ImportUndoSerializer,
    ImportUploadSerializer,
)


@extend_schema(tags=["imports"])
@extend_schema_view(**schema.IMPORTS)
class ImportViewSet(ListMixin, RetrieveMixin, DestroyMixin, ScopedViewSet[ImportJob]):
    """Imports that the caller began, those into projects while they administer them."""

    http_method_names = ["get", "post", "patch", "delete", "head", "options"]
    permission_classes = [IsAuthenticated]
    token_scopes = needs("projects:admin", "projects:admin")
    serializer_class = ImportSerializer
    parser_classes = [StrictJSONParser, UploadParser]
    throttle_scopes = {"create": "imports", **dict.fromkeys(("partial_update", "destroy", "run", "undo"), "write")}
    ordering_keys = {"created_at": OrderKey(F("created_at"), kind=DateTimeField)}
    default_ordering = "-created_at"

    @property
    def max_upload_bytes(self) -> int:
        """Return the limit that the parser applies to the announced length."""
        limit: int = settings.IMPORT_MAX_BYTES
        return limit

    def get_parsers(self) -> list[Any]:
        """Take multipart where a file comes, and JSON elsewhere."""
        actions = getattr(self, "action_map", None) or {}
        is_upload = actions.get("post") == "create"
        if getattr(self.request, "method", None) == "POST" and is_upload:
            return [UploadParser()]
        return [StrictJSONParser()]

    def scope(self) -> QuerySet[ImportJob]:
        return ImportJob.objects.visible_to(self.actor)

    @idempotent
    def create(self, request: Request) -> HttpResponse:
        body = ImportUploadSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        fields: dict[str, Any] = body.validated_data
        file = fields["file"]
        file.seek(0)
        data = file.read()
        return self.answer_write(
            lambda: services.begin(
                actor=self.actor,
                data=data,
                file_name=file.name,
                source=fields["source"],
                encoding=fields.get("encoding", ""),
                project_id=fields.get("project"),
            ),
            status=status.HTTP_201_CREATED,
        )

    def partial_update(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        job = self.get_object()
        body = ImportChangeSerializer(job, data=request.data, partial=True, context=self.get_serializer_context())
        body.is_valid(raise_exception=True)
        fields: dict[str, Any] = body.validated_data
        return self.answer_write(lambda: services.change(job=job, **fields))

    def delete_row(self, job: ImportJob) -> None:
        services.delete_import(job=job)

    @action(detail=True, methods=["post"], pagination_class=None, filter_backends=[])
    def run(self, request: Request, pk: str) -> HttpResponse:
        job = self.get_object()
        made = ImportRunSerializer(data=request.data)
        made.is_valid(raise_exception=True)
        return self.answer_write(
            lambda: services.run(job=job, dry_run=made.validated_data["dry_run"]), status=status.HTTP_202_ACCEPTED
        )

    @action(detail=True, methods=["post"], pagination_class=None, filter_backends=[])
    @idempotent
    def undo(self, request: Request, pk: str) -> HttpResponse:
        job = self.get_object()
        ImportUndoSerializer(data=request.data).is_valid(raise_exception=True)
        return self.answer_write(lambda: services.undo(job=job), status=status.HTTP_202_ACCEPTED)


@extend_schema(tags=["imports"])
@extend_schema_view(**schema.ROWS)
class ImportRowViewSet(ListMixin, ScopedViewSet[ImportRow]):
    """What became of the rows of an import."""

    http_method_names = ["get", "head", "options"]
    serializer_class = ImportRowSerializer
    permission_classes = [IsAuthenticated]
    token_scopes = needs("projects:admin")
    filterset_class = ImportRowFilter
    ordering_keys = {"row": OrderKey(F("row"), kind=IntegerField)}
    default_ordering = "row"

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        self.job = get_object_or_404(ImportJob.objects.visible_to(self.actor), pk=self.kwargs["import_pk"])

    def scope(self) -> QuerySet[ImportRow]:
        return ImportRow.objects.filter(job=self.job, job__created_by=self.actor)

"""HTTP for the labels of a project."""

from __future__ import annotations

from typing import Any

from django.db.models import F, QuerySet
from django.http import HttpResponse
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from apps.common.api.token_scopes import needs
from apps.common.api.views import CreateMixin, DestroyMixin, ListMixin, RetrieveMixin, ScopedViewSet
from apps.common.lists.ordering import ID, OrderKey
from apps.common.transactions import run_write
from apps.projects.permissions import HasCapability
from apps.projects.roles import Capability
from apps.projects.views import ProjectChildMixin
from apps.tasks.labels import schema, services
from apps.tasks.labels.filters import LabelFilter
from apps.tasks.labels.serializers import LabelSerializer, MergedLabelSerializer, MergeLabelSerializer
from apps.tasks.models import Label


@extend_schema(tags=["labels"])
@extend_schema_view(**schema.LABELS)
class LabelViewSet(ProjectChildMixin, ListMixin, CreateMixin, RetrieveMixin, DestroyMixin, ScopedViewSet[Label]):
    """The labels of one project."""

    http_method_names = ["get", "post", "patch", "delete", "head", "options"]
    serializer_class = LabelSerializer
    filterset_class = LabelFilter
    permission_classes = [HasCapability]
    token_scopes = needs("tasks:read", "tasks:write", destroy="projects:admin", merge="projects:admin")
    required_capability = {
        **dict.fromkeys(("list", "retrieve", "metadata"), Capability.VIEW),
        **dict.fromkeys(("create", "partial_update"), Capability.WRITE_TASKS),
        **dict.fromkeys(("destroy", "merge"), Capability.MANAGE_PROJECT),
    }
    throttle_scopes = dict.fromkeys(("create", "partial_update", "destroy", "merge"), "write")
    ordering_keys = {"name": OrderKey(F("sort_name")), "id": ID}
    default_ordering = "name"

    def scope(self) -> QuerySet[Label]:
        return Label.objects.filter(project=self.project).with_counts()

    def create_row(self, fields: dict[str, Any]) -> Label:
        return services.create_label(actor=self.actor, project_id=self.project.pk, **fields)

    def partial_update(self, request: Request, **kwargs: str) -> HttpResponse:
        label = self.get_object()
        fields = self.validated(request, label, partial=True)
        return self.answer_write(lambda: services.update_label(actor=self.actor, label=label, changes=fields))

    def delete_row(self, label: Label) -> None:
        services.delete_label(actor=self.actor, label=label)

    @action(detail=True, methods=["post"])
    def merge(self, request: Request, **kwargs: str) -> Response:
        label = self.get_object()
        body = MergeLabelSerializer(data=request.data)
        body.is_valid(raise_exception=True)

        def work() -> Response:
            merged = services.merge_label(actor=self.actor, label=label, **body.validated_data)
            return Response(MergedLabelSerializer(merged).data)

        return run_write(work)

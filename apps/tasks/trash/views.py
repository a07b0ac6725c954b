"""HTTP for the trash."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

from django.db.models import DateTimeField, F, QuerySet
from django.http import Http404
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import status
from rest_framework.decorators import action
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer

from apps.common.api.token_scopes import needs
from apps.common.api.views import DestroyMixin, ListMixin, RetrieveMixin, ScopedViewSet
from apps.common.errors import ForbiddenError, ValidationError
from apps.common.lists.ordering import OrderKey
from apps.common.origin import require_scope
from apps.common.transactions import run_write
from apps.projects.missing import in_trash
from apps.projects.models import TrashEntry
from apps.projects.roles import Role
from apps.projects.views import ProjectViewSet
from apps.tasks.trash import schema, services
from apps.tasks.trash.filters import TrashFilter
from apps.tasks.trash.reading import entries_of, restorable_by
from apps.tasks.trash.serializers import (
    EmptyTrashSerializer,
    RestoreTrashSerializer,
    TrashEntryDetailSerializer,
    TrashEntrySerializer,
)
from apps.tasks.views import TaskViewSet


@extend_schema(tags=["trash"])
@extend_schema_view(**schema.TRASH)
class TrashViewSet(ListMixin, RetrieveMixin, DestroyMixin, ScopedViewSet[TrashEntry]):
    """Entries that the caller may restore; other members of the project get 403, everybody else 404."""

    http_method_names = ["get", "post", "delete", "head", "options"]
    permission_classes = [IsAuthenticated]
    token_scopes = needs("tasks:read", "projects:admin", restore="tasks:write")
    filterset_class = TrashFilter
    throttle_scopes = dict.fromkeys(("destroy", "restore", "empty"), "write")
    ordering_keys = {
        "deleted_at": OrderKey(F("deleted_at"), kind=DateTimeField),
        "purge_at": OrderKey(F("purge_at"), kind=DateTimeField),
    }
    default_ordering = "-deleted_at"

    def scope(self) -> QuerySet[TrashEntry]:
        entries = entries_of(self.actor)
        return entries.filter(restorable_by(self.actor)) if self.action == "list" else entries

    def get_serializer_class(self) -> type[BaseSerializer[TrashEntry]]:
        return TrashEntrySerializer if self.action == "list" else TrashEntryDetailSerializer

    def check_object_permissions(self, request: Request, obj: Any) -> None:
        """Let those pass who may restore; where the project of a task is in the trash itself, name its entry."""
        super().check_object_permissions(request, obj)
        if obj.type == TrashEntry.Type.PROJECT:
            if self.action == "restore":
                require_scope("projects:admin")
            if obj.role != Role.OWNER:
                raise ForbiddenError
            return
        if obj.project.trash_id is not None:
            raise in_trash(obj.project.trash_id)
        if not services.may_restore(obj.role, self.actor, obj):
            raise ForbiddenError

    def delete_row(self, entry: TrashEntry) -> None:
        services.purge_entry(actor=self.actor, entry=entry)

    @action(detail=True, methods=["post"])
    def restore(self, request: Request, pk: str) -> Response:
        entry = self.get_object()
        body = RestoreTrashSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        key = body.validated_data.get("key")
        if key is not None and entry.type == TrashEntry.Type.TASK:
            raise ValidationError.at("/key", "unknown_field", "A task keeps its key.")

        def work() -> Response:
            return self._restored(services.restore_entry(actor=self.actor, entry=entry, key=key))

        return run_write(work)

    @action(detail=False, methods=["post"])
    def empty(self, request: Request) -> Response:
        body = EmptyTrashSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        fields = body.validated_data
        found = services.empty_trash(actor=self.actor, project_id=fields["project"], dry_run=fields["dry_run"])
        return Response(asdict(found) | {"dry_run": fields["dry_run"]})

    def _shown(self, page: type[TaskViewSet] | type[ProjectViewSet], pk: int) -> Any:
        """Return a row as the page of its own shows it to the caller; 404 when they do not see it."""
        rendered = page(action=self.action, request=self.request, kwargs={}, format_kwarg=None).rendered(pk)
        if rendered is None:
            raise Http404
        return json.loads(rendered.text)

    def _restored(self, restored: services.Restored) -> Response:
        answer: dict[str, Any] = {"type": restored.type}
        if restored.task is not None:
            answer["task"] = self._shown(TaskViewSet, restored.task.pk)
        elif restored.project is not None:
            answer["project"] = self._shown(ProjectViewSet, restored.project.pk)
        if restored.effects:
            answer["effects"] = restored.effects
        response = Response(answer, status=status.HTTP_200_OK)
        if restored.batch_id is not None:
            response["X-Batch-ID"] = str(restored.batch_id)
        return response

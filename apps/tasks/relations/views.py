"""HTTP for the relations of a task."""

from __future__ import annotations

from collections.abc import Iterable
from http import HTTPStatus
from typing import Any

from django.db.models import DateTimeField, F, QuerySet
from django.http import HttpResponse
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework.request import Request

from apps.common.api.idempotency import idempotent
from apps.common.api.token_scopes import needs
from apps.common.api.views import DestroyMixin, ListMixin, ScopedViewSet
from apps.common.errors import NotFoundError
from apps.common.lists.ordering import OrderKey
from apps.common.transactions import run_write
from apps.projects.permissions import HasCapability
from apps.projects.roles import Capability
from apps.tasks.child_views import TaskChildMixin
from apps.tasks.models import Relation, Task
from apps.tasks.relations import schema, services
from apps.tasks.relations.filters import RelationFilter
from apps.tasks.relations.serializers import NewRelationSerializer, RelationSerializer


@extend_schema(tags=["relations"])
@extend_schema_view(**schema.RELATIONS)
class RelationViewSet(TaskChildMixin, ListMixin, DestroyMixin, ScopedViewSet[Relation]):
    """The relations of one task, read from its end."""

    http_method_names = ["get", "post", "delete", "head", "options"]
    serializer_class = RelationSerializer
    filterset_class = RelationFilter
    permission_classes = [HasCapability]
    token_scopes = needs("tasks:read", "tasks:write")
    required_capability = {
        **dict.fromkeys(("list", "metadata"), Capability.VIEW),
        **dict.fromkeys(("create", "destroy"), Capability.WRITE_TASKS),
    }
    throttle_scopes = dict.fromkeys(("create", "destroy"), "write")
    ordering_keys = {"created_at": OrderKey(F("created_at"), kind=DateTimeField)}
    default_ordering = "created_at"

    def scope(self) -> QuerySet[Relation]:
        """Return the task's relations; a list leaves out those whose other end is archived or in the trash."""
        relations = Relation.objects.all()
        mine = relations.listed_for(self.task.pk) if self.action == "list" else relations.of(self.task.pk)
        return mine.read_from(self.task).select_related("created_by")

    def get_serializer(self, *args: Any, **options: Any) -> Any:
        """Return the serializer, with those of the other tasks that the caller sees."""
        if args:
            rows = args[0] if options.get("many") else [args[0]]
            options["context"] = {**self.get_serializer_context(), "task": self.task, "others": self.others(rows)}
        return super().get_serializer(*args, **options)

    def others(self, relations: Iterable[Relation]) -> dict[int, Task]:
        """Return the tasks at the other ends that the caller sees."""
        ids = [relation.other_end(self.task.pk) for relation in relations]
        tasks = Task.objects.visible_to(self.actor).filter(pk__in=ids).select_related("project")
        return {task.pk: task for task in tasks}

    def check_replay(self, answer: dict[str, Any]) -> None:
        """Raise NotFoundError when the other end in a kept answer is out of reach of the caller's API token."""
        other = answer.get("task")
        if other is not None and not Task.objects.visible_to(self.actor).filter(pk=other["id"]).exists():
            raise NotFoundError

    @idempotent
    def create(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        body = NewRelationSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        kind, other = body.validated_data["kind"], body.validated_data["task"]

        def work() -> HttpResponse:
            made = services.create_relation(actor=self.actor, task=self.task, kind=kind, other=other)
            status = HTTPStatus.CREATED if made.is_new else HTTPStatus.OK
            return self.answer_fresh(made.relation.pk, status=status)

        return run_write(work)

    def delete_row(self, relation: Relation) -> None:
        services.delete_relation(actor=self.actor, task=self.task, relation=relation)

"""HTTP for bulk changes, batches and undo."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.db.models import DateTimeField, F, IntegerField, QuerySet
from django.http import HttpResponse
from django.urls import reverse
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response

from apps.batches.models import Batch, BatchItem, Mode
from apps.common.api.idempotency import idempotent
from apps.common.api.token_scopes import needs
from apps.common.api.views import ListMixin, RetrieveMixin, ScopedViewSet
from apps.common.errors import NotFoundError, ValidationError
from apps.common.lists.ordering import UUID_ID, OrderKey
from apps.tasks.bulk import schema
from apps.tasks.bulk.access import batches_seen_by, count_tasks, require_own, within_token
from apps.tasks.bulk.background import start_changes, undo
from apps.tasks.bulk.bodies import read_order, read_task
from apps.tasks.bulk.filters import BatchFilter, BatchItemFilter
from apps.tasks.bulk.finding import ids_in
from apps.tasks.bulk.running import change_tasks, create_tasks
from apps.tasks.bulk.serializers import (
    BatchItemSerializer,
    BatchSerializer,
    BulkCreateSerializer,
    BulkSerializer,
    UndoSerializer,
)
from apps.tasks.bulk.work import Options, Report
from apps.tasks.models import Task

UUID_PATTERN = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"


@extend_schema(tags=["batches"])
class BulkViewSet(ScopedViewSet[Task]):
    """Changes of many tasks; who may do what is decided for each task."""

    http_method_names = ["post", "options"]
    permission_classes = [IsAuthenticated]
    token_scopes = needs(write="tasks:write")
    throttle_scopes = {"bulk": "bulk", "bulk_create": "bulk"}
    filterset_class = None

    def scope(self) -> QuerySet[Task]:
        return Task.objects.visible_to(self.actor)

    def check_replay(self, answer: dict[str, Any]) -> None:
        """Raise NotFoundError when a kept answer has a task that the caller's API token does not reach."""
        named = {each["id"] for each in answer.get("results", ()) if each["id"] is not None}
        if self.scope().filter(pk__in=named).count() < len(named):
            raise NotFoundError

    def get_serializer_class(self) -> type[serializers.BaseSerializer[Any]]:
        return BulkCreateSerializer if self.action == "bulk_create" else BulkSerializer

    @schema.bulk
    @idempotent
    def bulk(self, request: Request) -> HttpResponse:
        body = self.validated(request)
        order = read_order(body, self.get_serializer_context())
        ids = ids_in(body, actor=self.actor)
        count_tasks(self.actor, len(ids))
        if len(ids) <= settings.BULK_INLINE:
            return answer(change_tasks(actor=self.actor, ids=ids, order=order, options=options_of(body)))
        if body["mode"] == Mode.ATOMIC:
            text = f"More than {settings.BULK_INLINE} tasks are changed with best effort only."
            raise ValidationError.at("/mode", "atomic_too_large", text)
        return accepted(start_changes(actor=self.actor, ids=ids, order=order, dry_run=body["dry_run"]))

    @schema.bulk_create
    @idempotent
    def bulk_create(self, request: Request) -> HttpResponse:
        body = self.validated(request)
        count_tasks(self.actor, len(body["tasks"]))
        context = self.get_serializer_context()
        orders = [read_task(each, position, context) for position, each in enumerate(body["tasks"])]
        return answer(create_tasks(actor=self.actor, orders=orders, options=options_of(body)))


@extend_schema(tags=["batches"])
@extend_schema_view(**schema.BATCHES)
class BatchViewSet(ListMixin, RetrieveMixin, ScopedViewSet[Batch]):
    """The caller's batches; others who see one of its events get 403, everybody else 404."""

    http_method_names = ["get", "post", "head", "options"]
    serializer_class = BatchSerializer
    permission_classes = [IsAuthenticated]
    token_scopes = needs("tasks:read", "tasks:write")
    filterset_class = BatchFilter
    lookup_value_regex = UUID_PATTERN
    throttle_scopes = {"undo": "bulk"}
    ordering_keys = {"created_at": OrderKey(F("created_at"), kind=DateTimeField)}
    last_ordering_key = UUID_ID
    default_ordering = "-created_at"

    def scope(self) -> QuerySet[Batch]:
        if self.action == "list":
            return within_token(Batch.objects.filter(actor=self.actor))
        return batches_seen_by(self.actor)

    def check_body_access(self, request: Request) -> None:
        """Look the batch up before a kept answer is given again."""
        self.get_object()

    def check_object_permissions(self, request: Request, obj: Batch) -> None:
        """Let its actor pass alone."""
        super().check_object_permissions(request, obj)
        require_own(obj, self.actor)

    @action(detail=True, methods=["post"])
    @idempotent
    def undo(self, request: Request, pk: str) -> HttpResponse:
        batch = self.get_object()
        made = UndoSerializer(data=request.data)
        made.is_valid(raise_exception=True)
        count_tasks(self.actor, batch.total)
        done = undo(actor=self.actor, batch=batch, dry_run=made.validated_data["dry_run"])
        return accepted(done) if isinstance(done, Batch) else answer(done)


@extend_schema(tags=["batches"])
@extend_schema_view(**schema.RESULTS)
class BatchItemViewSet(ListMixin, ScopedViewSet[BatchItem]):
    """What became of the tasks of a batch."""

    http_method_names = ["get", "head", "options"]
    serializer_class = BatchItemSerializer
    permission_classes = [IsAuthenticated]
    token_scopes = needs("tasks:read")
    filterset_class = BatchItemFilter
    ordering_keys = {"position": OrderKey(F("position"), kind=IntegerField)}
    default_ordering = "position"

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        batches = BatchViewSet(
            request=request, kwargs={"pk": self.kwargs["batch_pk"]}, action="retrieve", format_kwarg=None
        )
        self.batch = batches.get_object()

    def scope(self) -> QuerySet[BatchItem]:
        return BatchItem.objects.filter(batch=self.batch, batch__actor=self.actor)


def options_of(body: dict[str, Any]) -> Options:
    """Return the options in a checked body."""
    return Options(mode=Mode(body["mode"]), dry_run=body["dry_run"])


def accepted(batch: Batch) -> Response:
    """Return a batch that a worker is to do, and where it is looked up."""
    headers = {"Location": reverse("batch-detail", args=[batch.pk])}
    if not batch.dry_run:
        headers["X-Batch-ID"] = str(batch.pk)
    return Response(BatchSerializer(batch).data, status=HTTPStatus.ACCEPTED, headers=headers)


def answer(report: Report) -> Response:
    """Return the result; what can be undone is named in X-Batch-ID too."""
    body = report.as_json()
    headers = {"X-Batch-ID": body["batch_id"]} if body["batch_id"] else {}
    return Response(body, headers=headers)

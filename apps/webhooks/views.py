"""HTTP for webhooks and their deliveries."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from django.db.models import DateTimeField, F, QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer

from apps.common.api.idempotency import idempotent
from apps.common.api.token_scopes import needs
from apps.common.api.views import CreateMixin, ListMixin, RetrieveMixin, ScopedViewSet
from apps.common.lists.ordering import OrderKey
from apps.common.transactions import run_write
from apps.projects.permissions import HasCapability
from apps.projects.roles import Capability
from apps.projects.views import ProjectChildMixin
from apps.tasks.filtering.reader import reader_of_project
from apps.tasks.saved_views.reading import present
from apps.webhooks import schema, services
from apps.webhooks.filters import DeliveryFilter
from apps.webhooks.models import Delivery, Webhook
from apps.webhooks.serializers import (
    DeliveryDetailSerializer,
    DeliverySerializer,
    RedeliverSerializer,
    WebhookSerializer,
)

WRITES = (
    "create",
    "partial_update",
    "destroy",
    "rotate_secret",
    "enable",
    "disable",
    "redeliver",
)
ORDERING = {"created_at": OrderKey(F("created_at"), kind=DateTimeField)}


@extend_schema(tags=["webhooks"])
@extend_schema_view(**schema.WEBHOOKS)
class WebhookViewSet(ProjectChildMixin, ListMixin, CreateMixin, RetrieveMixin, ScopedViewSet[Webhook]):
    """The webhooks of one project, for its admins."""

    http_method_names = ["get", "post", "patch", "delete", "head", "options"]
    serializer_class = WebhookSerializer
    permission_classes = [HasCapability]
    token_scopes = needs("webhooks:manage", "webhooks:manage")
    required_capability = dict.fromkeys(
        ("list", "retrieve", "metadata", "send_test", *WRITES), Capability.MANAGE_PROJECT
    )
    throttle_scopes = {**dict.fromkeys(WRITES, "write"), "send_test": "webhook_test"}
    ordering_keys = ORDERING
    default_ordering = "-created_at"

    @property
    def shown_once(self) -> tuple[str, ...]:
        """Return the fields that an answer kept for Idempotency-Key does not hold (contract H3)."""
        return ("secret",) if self.action == "create" else ()

    def scope(self) -> QuerySet[Webhook]:
        return Webhook.objects.visible_to(self.actor).filter(project=self.project).select_related("created_by")

    def paginate_queryset(self, queryset: Any) -> Any:
        """Return a page whose filters are shown with present names."""
        page = super().paginate_queryset(queryset)
        present(page or [], reader_of_project(self.project.pk))
        return page

    def answer_written(self, row: Webhook, *, status: int = HTTPStatus.OK) -> HttpResponse:
        """Return the row as it is now, with what is shown this once."""
        fresh = get_object_or_404(self.get_queryset(), pk=row.pk)
        fresh.secret, fresh.missed = row.secret, row.missed
        return self.answer(fresh, status=status)

    def create_row(self, fields: dict[str, Any]) -> Webhook:
        return services.create_webhook(actor=self.actor, project_id=self.project.pk, **fields)

    def partial_update(self, request: Request, **kwargs: str) -> HttpResponse:
        webhook = self.get_object()
        fields = self.validated(request, webhook, partial=True)
        return self._switched(services.update_webhook, webhook, changes=fields)

    def destroy(self, request: Request, **kwargs: str) -> Response:
        services.delete_webhook(actor=self.actor, webhook=self.get_object(), expected=self.expected)
        return Response(status=HTTPStatus.NO_CONTENT)

    @action(detail=True, methods=["post"], url_path="rotate-secret")
    def rotate_secret(self, request: Request, **kwargs: str) -> HttpResponse:
        return self._switched(services.rotate_secret, self.get_object())

    @action(detail=True, methods=["post"])
    def enable(self, request: Request, **kwargs: str) -> HttpResponse:
        return self._switched(services.enable_webhook, self.get_object())

    @action(detail=True, methods=["post"])
    def disable(self, request: Request, **kwargs: str) -> HttpResponse:
        return self._switched(services.disable_webhook, self.get_object())

    def _switched(self, service: Callable[..., Webhook], webhook: Webhook, **options: Any) -> HttpResponse:
        expected = self.expected
        return self.answer_write(lambda: service(actor=self.actor, webhook=webhook, expected=expected, **options))

    @action(detail=True, methods=["post"], url_path="test")
    @idempotent
    def send_test(self, request: Request, **kwargs: str) -> HttpResponse:
        webhook = self.get_object()

        def work() -> HttpResponse:
            delivery = services.send_test(actor=self.actor, webhook=webhook, expected=self.expected)
            return Response(DeliverySerializer(delivery).data, status=HTTPStatus.ACCEPTED)

        return run_write(work)

    @action(detail=True, methods=["post"])
    @idempotent
    def redeliver(self, request: Request, **kwargs: str) -> HttpResponse:
        webhook = self.get_object()
        body = RedeliverSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        count = services.redeliver_events(
            actor=self.actor, webhook=webhook, expected=self.expected, **body.validated_data
        )
        return Response({"count": count}, status=HTTPStatus.ACCEPTED)


@extend_schema(tags=["webhooks"])
@extend_schema_view(**schema.DELIVERIES)
class DeliveryViewSet(ProjectChildMixin, ListMixin, RetrieveMixin, ScopedViewSet[Delivery]):
    """The log of one webhook's deliveries, for admins of the project."""

    http_method_names = ["get", "post", "head", "options"]
    serializer_class = DeliverySerializer
    filterset_class = DeliveryFilter
    permission_classes = [HasCapability]
    token_scopes = needs("webhooks:manage", "webhooks:manage")
    required_capability = dict.fromkeys(("list", "retrieve", "metadata", "redeliver"), Capability.MANAGE_PROJECT)
    throttle_scopes = {"redeliver": "write"}
    ordering_keys = ORDERING
    default_ordering = "-created_at"

    webhook: Webhook

    def check_permissions(self, request: Request) -> None:
        super().check_permissions(request)
        webhooks = Webhook.objects.visible_to(request.user).filter(project=self.project)
        self.webhook = get_object_or_404(webhooks, pk=self.kwargs["webhook_pk"])

    def scope(self) -> QuerySet[Delivery]:
        rows = Delivery.objects.filter(project=self.project, webhook=self.webhook).select_related("webhook")
        return rows if self.action == "retrieve" else rows.defer("request_body", "response_body")

    def get_serializer_class(self) -> type[BaseSerializer[Delivery]]:
        return DeliveryDetailSerializer if self.action == "retrieve" else DeliverySerializer

    @action(detail=True, methods=["post"])
    @idempotent
    def redeliver(self, request: Request, **kwargs: str) -> HttpResponse:
        delivery = self.get_object()
        return self.answer_write(
            lambda: services.redeliver(actor=self.actor, delivery=delivery), status=HTTPStatus.ACCEPTED
        )

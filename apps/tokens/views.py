"""HTTP for API tokens. No token may ask for any of it."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from django.db.models import DateTimeField, F, QuerySet
from django.http import HttpResponse
from django.utils import timezone
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework.decorators import action
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response

from apps.common.addresses import client_address
from apps.common.api.idempotency import idempotent
from apps.common.api.token_scopes import not_for_tokens
from apps.common.api.views import DestroyMixin, ListMixin, RetrieveMixin, ScopedViewSet
from apps.common.lists.ordering import OrderKey
from apps.common.transactions import run_write
from apps.tokens import schema, services
from apps.tokens.models import ApiToken
from apps.tokens.serializers import (
    ApiTokenSerializer,
    NewApiTokenSerializer,
    RotateTokenSerializer,
    ShownTokenSerializer,
)
from apps.users.services import require_password
from apps.users.views.base import NO_STORE


@extend_schema(tags=["tokens"])
@extend_schema_view(**schema.TOKENS)
class ApiTokenViewSet(ListMixin, RetrieveMixin, DestroyMixin, ScopedViewSet[ApiToken]):
    """The caller's live API tokens. Making and rotating one takes the password, before anything is locked."""

    http_method_names = ["get", "post", "patch", "delete", "head", "options"]
    serializer_class = ApiTokenSerializer
    filterset_class = None
    permission_classes = [IsAuthenticated]
    token_scopes = not_for_tokens
    shown_once = ("token",)
    throttle_scopes = {"create": "token", "rotate": "token", "partial_update": "write", "destroy": "write"}
    ordering_keys = {"created_at": OrderKey(F("created_at"), kind=DateTimeField)}
    default_ordering = "-created_at"
    proven: dict[str, Any] | None = None

    def scope(self) -> QuerySet[ApiToken]:
        live = ApiToken.objects.live(now=timezone.now()).filter(user=self.actor)
        return live.with_projects(self.actor)

    def check_body_access(self, request: Request) -> None:
        """Take the password before the transaction of the Idempotency-Key, which would forget that it was wrong."""
        self._read(NewApiTokenSerializer, request)

    @idempotent
    def create(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        fields = self._read(NewApiTokenSerializer, request)
        return run_write(
            lambda: self._shown(services.create_token(actor=self.actor, **fields), status=HTTPStatus.CREATED)
        )

    def partial_update(self, request: Request, **kwargs: str) -> HttpResponse:
        token = self.get_object()
        fields = self.validated(request, token, partial=True)
        return self.answer_write(lambda: services.rename_token(token=token, name=fields.get("name", token.name)))

    def delete_row(self, token: ApiToken) -> None:
        services.revoke_token(token=token)

    @action(detail=True, methods=["post"])
    def rotate(self, request: Request, pk: str) -> HttpResponse:
        token = self.get_object()
        fields = self._read(RotateTokenSerializer, request)
        return run_write(lambda: self._shown(services.rotate_token(token=token, **fields)))

    def _read(
        self, shape: type[NewApiTokenSerializer] | type[RotateTokenSerializer], request: Request
    ) -> dict[str, Any]:
        """Return the body's fields without the password, once that was found to be right."""
        if self.proven is None:
            body = shape(data=request.data)
            body.is_valid(raise_exception=True)
            fields = dict(body.validated_data)
            password = fields.pop("password")
            address = client_address(request)
            require_password(user=self.actor, password=password, ip_address=address, pointer="/password")
            self.proven = fields
        return self.proven

    def _shown(self, made: services.NewToken, *, status: int = HTTPStatus.OK) -> Response:
        """Return the token with its text, this once."""
        row = self.get_queryset().get(pk=made.token.pk)
        row.token = made.text  # type: ignore[attr-defined]
        return Response(ShownTokenSerializer(row).data, status=status, headers=NO_STORE)

"""HTTP for accounts: registration, the own profile, people for staff."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.db.models import DateTimeField, F, QuerySet
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response

from apps.common.addresses import client_address
from apps.common.api.parsers import StrictJSONParser, UploadParser
from apps.common.api.token_scopes import needs, not_for_tokens
from apps.common.api.views import ListMixin, RetrieveMixin, ScopedViewSet, UpdateMixin
from apps.common.lists.ordering import OrderKey
from apps.common.text.sorting import SortKey
from apps.users import schema, services
from apps.users.filters import UserFilter
from apps.users.models import User
from apps.users.permissions import StaffOnly
from apps.users.serializers import DeleteAccountSerializer, ProfileSerializer, RegisterSerializer, UserSerializer
from apps.users.views.base import LimitedView, PublicView


class RegisterView(PublicView):
    """Opens an account."""

    throttle_scope = "register"

    @schema.register
    def post(self, request: Request) -> Response:
        services.require_registration(
            is_invited=isinstance(request.data, Mapping) and bool(request.data.get("invitation"))
        )
        user = services.register(**self.body(RegisterSerializer))
        return Response(ProfileSerializer(user).data, status=HTTPStatus.CREATED)


@schema.profile
class ProfileView(LimitedView):
    """The caller's own data."""

    parser_classes = [StrictJSONParser, UploadParser]
    token_scopes = needs("profile:read")
    max_upload_bytes = settings.AVATAR_MAX_BYTES
    throttle_scopes = dict.fromkeys(("patch", "delete"), "write")

    def get_parsers(self) -> list[Any]:
        """Take multipart where a picture may be, and nowhere else."""
        parsers = super().get_parsers()
        method = getattr(self.request, "method", None)  # none yet while the schema is made
        return parsers if method in {None, "PATCH"} else [StrictJSONParser()]

    def get(self, request: Request) -> Response:
        return Response(ProfileSerializer(self.actor).data)

    def patch(self, request: Request) -> Response:
        serializer = ProfileSerializer(self.actor, data=request.data, partial=True)
        serializer.is_valid(raise_exception=True)
        user = _update(self.actor, self.actor, serializer.validated_data)
        return Response(ProfileSerializer(user).data)

    def delete(self, request: Request) -> Response:
        password = self.body(DeleteAccountSerializer)["password"]
        services.close_account(actor=self.actor, password=password, ip_address=client_address(request))
        return Response(status=HTTPStatus.NO_CONTENT)


@schema.me
class MeView(ProfileView):
    """The caller's own data, to read, at the address where other accounts are."""

    http_method_names = ["get", "head", "options"]


@schema.users
class UserViewSet(ListMixin, RetrieveMixin, UpdateMixin, ScopedViewSet[User]):
    """People, for staff; everybody finds themselves."""

    serializer_class = UserSerializer
    filterset_class = UserFilter
    parser_classes = [StrictJSONParser, UploadParser]
    token_scopes = not_for_tokens
    max_upload_bytes = settings.AVATAR_MAX_BYTES
    throttle_scopes = {"update": "write", "partial_update": "write"}
    ordering_keys = {
        "username": OrderKey(SortKey("username")),
        "created_at": OrderKey(F("created_at"), kind=DateTimeField),
    }
    default_ordering = "-created_at"

    def get_permissions(self) -> list[Any]:
        return [StaffOnly() if self.action == "list" else IsAuthenticated()]

    def scope(self) -> QuerySet[User]:
        people: QuerySet[User] = User.objects.filter(deleted_at=None)
        return people if self.actor.is_staff else people.filter(pk=self.actor.pk)

    def update(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Answer with the row as the service stored it: a picture is encoded before the transaction begins."""
        user = self.get_object()
        fields = self.validated(request, user, partial=kwargs.get("partial", False))
        return self.answer(_update(self.actor, user, fields))


@schema.overwrite_user
class UserUpdateViewSet(UserViewSet):
    """PUT of a person at the address of its own that the API has for it."""


def _update(actor: User, user: User, fields: dict[str, Any]) -> User:
    avatar = fields.get("avatar")
    picture = fields.pop("avatar") if isinstance(avatar, UploadedFile) else None
    return services.update_profile(actor=actor, user=user, changes=fields, picture=picture)

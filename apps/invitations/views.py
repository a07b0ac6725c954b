"""HTTP for invitations: what an admin sees of them, and what an invited person does."""

from __future__ import annotations

from collections.abc import Iterable
from http import HTTPStatus
from typing import Any

from django.db.models import DateTimeField, F, QuerySet
from django.http import HttpResponse
from django.utils import timezone
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer

from apps.common.api.idempotency import idempotent
from apps.common.api.rates import require_rate
from apps.common.api.token_scopes import not_for_tokens
from apps.common.api.views import ListMixin, ScopedViewSet
from apps.common.lists.ordering import OrderKey
from apps.common.transactions import run_write
from apps.invitations import schema, services
from apps.invitations.filters import InvitationFilter
from apps.invitations.messages import PATH
from apps.invitations.models import Invitation
from apps.invitations.secrets import masked
from apps.invitations.serializers import (
    InvitationSerializer,
    JoinedSerializer,
    MadeInvitationSerializer,
    PublicInvitationSerializer,
)
from apps.notifications.delivery.mail import site_url
from apps.notifications.models import Hold, Notification
from apps.projects.permissions import HasCapability
from apps.projects.roles import Capability, Role
from apps.projects.views import ProjectChildMixin
from apps.users.views.base import LimitedView, PublicView

ACTIONS = ("list", "retrieve", "metadata", "create", "partial_update", "destroy", "resend", "link")


@extend_schema(tags=["invitations"])
@extend_schema_view(**schema.INVITATIONS)
class InvitationViewSet(ProjectChildMixin, ListMixin, ScopedViewSet[Invitation]):
    """The invitations to a project, for its admins."""

    http_method_names = ["get", "post", "patch", "delete", "head", "options"]
    serializer_class = InvitationSerializer
    permission_classes = [HasCapability]
    token_scopes = not_for_tokens
    required_capability = dict.fromkeys(ACTIONS, Capability.MANAGE_PROJECT)
    throttle_scopes = {
        **dict.fromkeys(("create", "resend"), "invitations"),
        **dict.fromkeys(("partial_update", "destroy", "link"), "write"),
    }
    shown_once = ("accept_url",)
    filterset_class = InvitationFilter
    ordering_keys = {"created_at": OrderKey(F("created_at"), kind=DateTimeField)}
    default_ordering = "-created_at"

    def scope(self) -> QuerySet[Invitation]:
        rows = Invitation.objects.filter(project=self.project).with_state(now=timezone.now())
        return rows.select_related("invited_by", "accepted_by")

    def paginate_queryset(self, queryset: Any) -> Any:
        page = super().paginate_queryset(queryset)
        load_mails(page or ())
        return page

    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return self.shown(self.get_object())

    @idempotent
    def create(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        fields = {"role": Role.MEMBER.value} | self.validated(request)

        def work() -> HttpResponse:
            made = services.invite(actor=self.actor, project_id=self.project.pk, **fields)
            return self.with_link(made, status=HTTPStatus.CREATED)

        return run_write(work)

    def partial_update(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        invitation = self.get_object()
        fields = self.validated(request, invitation, partial=True)
        if "email" in fields:  # another mail goes out
            require_rate("invitations", f"user:{self.actor.pk}")
        return run_write(
            lambda: self.fresh(services.change_invitation(actor=self.actor, invitation=invitation, **fields))
        )

    def destroy(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        services.revoke_invitation(actor=self.actor, invitation=self.get_object())
        return Response(status=HTTPStatus.NO_CONTENT)

    @action(detail=True, methods=["post"])
    def resend(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        invitation = self.get_object()
        return run_write(lambda: self.fresh(services.resend_invitation(actor=self.actor, invitation=invitation)))

    @action(detail=True, methods=["post"])
    def link(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        invitation = self.get_object()
        return run_write(lambda: self.with_link(services.renew_link(actor=self.actor, invitation=invitation)))

    def get_serializer_class(self) -> type[BaseSerializer[Invitation]]:
        return MadeInvitationSerializer if self.action in {"link"} else InvitationSerializer

    def fresh(self, row: Invitation) -> Response:
        """Return the row as it is now."""
        return self.shown(self.scope().get(pk=row.pk))

    def shown(self, row: Invitation) -> Response:
        """Return one row."""
        load_mails([row])
        return Response(InvitationSerializer(row).data)

    def with_link(self, made: services.Made, *, status: int = HTTPStatus.OK) -> Response:
        """Return the row with its link."""
        return Response(self.fresh(made.invitation).data | {"accept_url": accept_url(made.link_secret)}, status=status)


class PublicInvitationView(PublicView):
    """What a secret shows of its invitation; changes nothing."""

    throttle_scope = "token"

    @schema.PUBLIC
    def get(self, request: Request, token: str) -> Response:
        invitation = services.find_invitation(token)
        invitation.email = masked(invitation.email)
        return Response(PublicInvitationSerializer(invitation).data)


class AcceptInvitationView(LimitedView):
    """Joins the project of a secret."""

    throttle_scope = "token"
    token_scopes = not_for_tokens

    @schema.ACCEPT
    def post(self, request: Request, token: str) -> Response:
        joined = services.accept_invitation(actor=self.actor, token=token)
        return Response(JoinedSerializer({"project": joined.project_id, "role": joined.role}).data)


class DeclineInvitationView(PublicView):
    """Ends the invitation of a secret."""

    throttle_scope = "token"

    @schema.DECLINE
    def post(self, request: Request, token: str) -> Response:
        services.decline_invitation(token=token)
        return Response(status=HTTPStatus.NO_CONTENT)


def accept_url(secret: str) -> str:
    """Return the address of the page behind a secret."""
    return site_url(PATH.format(token=secret))


def load_mails(rows: Iterable[Invitation]) -> None:
    """Set each row's `mail`: its row of the outbox, if that is still there, and whether mail is held back."""
    rows = list(rows)
    found = Notification.objects.in_bulk([row.mail_ids[-1] for row in rows if row.mail_ids])
    is_held = bool(rows) and Hold.objects.filter(covers__contains=["mail"]).exists()
    for row in rows:
        row.mail = (found.get(row.mail_ids[-1]) if row.mail_ids else None, is_held)

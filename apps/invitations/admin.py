"""Invitations in the admin: an address or a role is changed, and an invitation revoked, through the services."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from apps.common.admin.base import ServiceAdmin
from apps.invitations import services
from apps.invitations.models import Invitation, State


@admin.register(Invitation)
class InvitationAdmin(ServiceAdmin):
    """Who was invited where; no secret. People invite."""

    list_display = ("id", "project", "email", "role", "state", "invited_by", "created_at", "expires_at")
    list_filter = ("state", "role", "created_at")
    list_select_related = ("project", "invited_by")
    list_per_page = 50
    search_fields = ("=id", "=email", "=project__key")
    search_people = ("invited_by",)
    search_help_text = "Its id, the address, a project's key, the inviter's username or address in full."
    show_full_result_count = False
    ordering = ("-id",)
    fields = ("email", "role", "project", "state", "invited_by", "accepted_by", "created_at", "expires_at")
    readonly_fields = ("project", "state", "invited_by", "accepted_by", "created_at", "expires_at")
    actions = ("revoke",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Return whether it may be changed: while it is pending."""
        return super().has_change_permission(request, obj) and (obj is None or obj.state == State.PENDING)

    def write(self, request: Any, obj: Invitation, form: Any, *, change: bool) -> None:
        changes = {name: form.cleaned_data[name] for name in form.changed_data}
        services.change_invitation(actor=request.user, invitation=obj, as_administrator=True, **changes)

    @admin.action(description="Revoke", permissions=["change"])
    def revoke(self, request: HttpRequest, queryset: QuerySet[Invitation]) -> None:
        """End the chosen invitations that are pending."""
        count = services.revoke_as_administrator(queryset)
        self.message_user(request, f"{count} revoked.")

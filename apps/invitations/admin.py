"""Invitations in the admin: to look at, and to revoke through the service."""

from __future__ import annotations

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from apps.common.admin.base import ReadOnlyAdmin
from apps.invitations import services
from apps.invitations.models import Invitation


@admin.register(Invitation)
class InvitationAdmin(ReadOnlyAdmin):
    """Who was invited where; no secret."""

    list_display = ("id", "project", "email", "role", "state", "invited_by", "created_at", "expires_at")
    list_filter = ("state", "role", "created_at")
    list_select_related = ("project", "invited_by")
    search_fields = ("=id", "=email")
    exclude = ("mail_digest", "link_digest", "former_digests", "seed")
    show_full_result_count = False
    ordering = ("-id",)
    actions = ("revoke",)

    @admin.action(description="Revoke", permissions=["revoke"])
    def revoke(self, request: HttpRequest, queryset: QuerySet[Invitation]) -> None:
        """End the chosen invitations that are pending."""
        count = services.revoke_as_administrator(queryset)
        self.message_user(request, f"{count} revoked.")

    def has_revoke_permission(self, request: HttpRequest) -> bool:
        """Return whether the administrator may revoke."""
        return bool(request.user.has_perm("invitations.change_invitation"))

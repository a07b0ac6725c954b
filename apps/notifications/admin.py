"""The outbox in the admin: to look at, and to send again what was given up."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from apps.common.admin.base import ReadOnlyAdmin
from apps.notifications import services
from apps.notifications.models import Hold, Notification


class UncertainFilter(admin.SimpleListFilter):
    """Rows of which an attempt may have arrived unnoticed."""

    title = "uncertain"
    parameter_name = "uncertain"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("yes", "Yes")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Notification]) -> QuerySet[Notification]:
        return queryset.filter(uncertain_count__gt=0) if self.value() == "yes" else queryset


@admin.register(Notification)
class NotificationAdmin(ReadOnlyAdmin):
    """The ledger."""

    list_display = (
        "id",
        "kind",
        "recipient",
        "mail_state",
        "attempts",
        "reason",
        "created_at",
        "sent_at",
    )
    list_filter = ("mail_state", "kind", UncertainFilter, "created_at")
    list_select_related = ("recipient",)
    search_fields = ("=request_id", "=id", "=task_id")
    search_people = ("recipient",)
    search_help_text = "Username, e-mail address, request id, row or task id."
    show_full_result_count = False
    ordering = ("-id",)
    actions = ("resend",)

    @admin.action(description="Send again (failed and suppressed)", permissions=["resend"])
    def resend(self, request: HttpRequest, queryset: QuerySet[Notification]) -> None:
        """Queue the chosen rows; they are asked about anew before they go out."""
        count = services.resend(Notification.objects.filter(pk__in=queryset.values("pk")))
        self.message_user(request, f"{count} queued again.")

    def has_resend_permission(self, request: HttpRequest) -> bool:
        """Return whether the administrator may send again: who may change the ledger."""
        return bool(request.user.has_perm("notifications.change_notification"))


@admin.register(Hold)
class HoldAdmin(ReadOnlyAdmin):
    """Why no mail goes out."""

    list_display = ("reason", "created_at")

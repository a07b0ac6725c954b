"""Webhooks in the admin: enabled and disabled, without secrets; deliveries: sent again."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from apps.common.admin.base import ReadOnlyAdmin
from apps.projects.admin import each
from apps.webhooks import services
from apps.webhooks.models import Delivery, Webhook

CHANGE = "webhooks.change_webhook"


@admin.register(Webhook)
class WebhookAdmin(ReadOnlyAdmin):
    """Webhooks."""

    list_display = ("id", "project", "description", "state", "disabled_reason", "failing_since", "last_success_at")
    list_filter = ("state", "disabled_reason", "created_at")
    list_select_related = ("project",)
    list_per_page = 50
    search_fields = ("=id", "=project__key")
    search_people = ("created_by",)
    search_help_text = "A username; a project's key or a webhook's id in full."
    ordering = ("-id",)
    exclude = ("secret_encrypted", "old_secret_encrypted", "ast")
    actions = ("enable", "disable")

    @admin.action(description="Enable", permissions=["switch"])
    def enable(self, request: HttpRequest, queryset: QuerySet[Webhook]) -> None:
        """Deliver events from now on."""
        each(self, request, queryset, lambda row: _switch(services.enable_webhook, request, row))

    @admin.action(description="Disable", permissions=["switch"])
    def disable(self, request: HttpRequest, queryset: QuerySet[Webhook]) -> None:
        """Deliver nothing any more."""
        each(self, request, queryset, lambda row: _switch(services.disable_webhook, request, row))

    def has_switch_permission(self, request: HttpRequest) -> bool:
        """Return whether the administrator may switch webhooks on and off."""
        return bool(request.user.has_perm(CHANGE))


def _switch(service: Any, request: HttpRequest, row: Webhook) -> None:
    service(actor=request.user, webhook=row, as_administrator=True)


@admin.register(Delivery)
class DeliveryAdmin(ReadOnlyAdmin):
    """Deliveries, without what they said."""

    list_display = ("id", "webhook", "type", "state", "attempts", "code", "error", "created_at", "finished_at")
    list_filter = ("state", "created_at")
    list_select_related = ("webhook",)
    list_per_page = 50
    search_fields = ("=id", "=event_id", "=webhook__id")
    search_help_text = "The id of a delivery, an event or a webhook in full."
    ordering = ("-id",)
    exclude = ("request_body", "response_body", "lease")
    actions = ("redeliver",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Delivery]:
        return super().get_queryset(request).defer("request_body", "response_body")

    @admin.action(description="Send again", permissions=["redeliver"])
    def redeliver(self, request: HttpRequest, queryset: QuerySet[Delivery]) -> None:
        """Send the chosen ones again, with the same event ids."""
        rows = queryset.select_related("webhook")
        each(self, request, rows, lambda row: _redeliver(request, row))

    def has_redeliver_permission(self, request: HttpRequest) -> bool:
        """Return whether the administrator may send again."""
        return bool(request.user.has_perm(CHANGE))


def _redeliver(request: Any, row: Delivery) -> None:
    services.redeliver(actor=request.user, delivery=row, as_administrator=True)

"""Tickets in the admin, to look at."""

from __future__ import annotations

from django.contrib import admin

from apps.common.admin.base import ReadOnlyAdmin
from apps.events.models import StreamTicket


@admin.register(StreamTicket)
class StreamTicketAdmin(ReadOnlyAdmin):
    """Who opened a stream, or is about to."""

    list_display = ("id", "user", "expires_at", "used_at")
    list_select_related = ("user",)
    ordering = ("-id",)

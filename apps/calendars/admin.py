"""Calendar feeds in the admin: to look at."""

from __future__ import annotations

from django.contrib import admin

from apps.calendars.models import CalendarFeed
from apps.common.admin.base import ReadOnlyAdmin


@admin.register(CalendarFeed)
class CalendarFeedAdmin(ReadOnlyAdmin):
    """Feeds of all people, without anything that opens one."""

    list_display = ("id", "user", "name", "components", "details", "created_at", "last_used_at")
    list_filter = ("components", "details", "created_at")
    list_select_related = ("user",)
    list_per_page = 50
    fields = ("user", "name", "view_id", "components", "details", "created_at", "last_used_at")
    search_fields = ("=id", "name")
    search_people = ("user",)
    search_help_text = "Words of its name; its id or a username in full."
    sorted_as_text = ("name",)
    show_full_result_count = False
    ordering = ("-id",)

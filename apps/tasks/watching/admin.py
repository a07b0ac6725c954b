"""Watch levels in the admin, to look at."""

from __future__ import annotations

from django.contrib import admin

from apps.common.admin.base import ReadOnlyAdmin
from apps.tasks.models import Watch


@admin.register(Watch)
class WatchAdmin(ReadOnlyAdmin):
    """Who hears how much of what; the choice is theirs alone."""

    list_display = ("id", "user", "project", "task", "level", "reason", "added_by", "created_at")
    list_filter = ("level", "reason")
    list_select_related = ("user", "project", "task", "added_by")
    list_per_page = 50
    show_full_result_count = False
    search_fields = ("=task__id", "=project__key")
    search_people = ("user",)
    search_help_text = "A task's id, a project's key, or a username or address, in full."
    ordering = ("-id",)

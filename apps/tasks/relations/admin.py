"""Relations in the admin: to look at."""

from __future__ import annotations

from django.contrib import admin

from apps.common.admin.base import ReadOnlyAdmin
from apps.tasks.models import Relation


@admin.register(Relation)
class RelationAdmin(ReadOnlyAdmin):
    """Which task blocks, relates to or duplicates which."""

    list_display = ("id", "from_task", "from_project", "kind", "to_task", "to_project", "created_by", "created_at")
    list_filter = ("kind", "created_at")
    list_select_related = ("from_task", "from_project", "to_task", "to_project", "created_by")
    list_per_page = 50
    search_fields = ("=id", "=from_task__id", "=to_task__id", "=from_project__key", "=to_project__key")
    search_people = ("created_by",)
    search_help_text = "A relation's or task's id, a project's key, a username or address, in full."
    ordering = ("-id",)

"""Saved views in the admin: to look at, and to delete through the service."""

from __future__ import annotations

from django.contrib import admin

from apps.common.admin.base import ReadOnlyAdmin
from apps.tasks.models import SavedView


@admin.register(SavedView)
class SavedViewAdmin(ReadOnlyAdmin):
    """Filters that people keep. They are written through the API, where their filter is judged for its reader."""

    list_display = ("id", "name", "owner", "project", "is_shared", "layout", "updated_at")
    list_display_links = ("id", "name")
    list_filter = ("is_shared", "layout", "created_at")
    list_select_related = ("owner", "project")
    list_per_page = 50
    show_full_result_count = False
    search_fields = ("name", "=project__key")
    search_people = ("owner",)
    search_help_text = "Words of a name; a project's key, a username or address in full."
    sorted_as_text = ("name",)
    ordering = ("-id",)

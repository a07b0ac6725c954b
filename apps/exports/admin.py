"""Exports in the admin: to look at."""

from __future__ import annotations

from django.contrib import admin

from apps.common.admin.base import ReadOnlyAdmin
from apps.exports.models import Export


@admin.register(Export)
class ExportAdmin(ReadOnlyAdmin):
    """Exports, without their files."""

    list_display = ("id", "scope", "project", "state", "created_by", "size", "attempts", "error", "created_at")
    list_filter = ("scope", "state", "created_at")
    list_select_related = ("project", "created_by")
    list_per_page = 50
    search_fields = ("=id", "project__name", "=project__key", "=request_id")
    search_people = ("created_by",)
    search_help_text = "Words of a project's name; its key, a username, a request or export id in full."
    ordering = ("-id",)

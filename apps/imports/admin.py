"""Imports in the admin: to look at."""

from __future__ import annotations

from django.contrib import admin

from apps.common.admin.base import ReadOnlyAdmin
from apps.imports.models import ImportJob, ImportRow


@admin.register(ImportJob)
class ImportJobAdmin(ReadOnlyAdmin):
    """Imports, without their files."""

    list_display = ("id", "source", "project", "state", "dry_run", "created_by", "attempts", "error", "created_at")
    list_filter = ("source", "state", "created_at")
    list_select_related = ("project", "created_by")
    list_per_page = 50
    search_fields = ("=id", "project__name", "=project__key", "=request_id")
    search_people = ("created_by",)
    search_help_text = "Words of a project's name; its key, a username, a request or import id in full."
    ordering = ("-id",)


@admin.register(ImportRow)
class ImportRowAdmin(ReadOnlyAdmin):
    """What became of rows."""

    list_display = ("id", "job", "row", "result", "task_id")
    list_filter = ("result",)
    list_select_related = ("job",)
    list_per_page = 50
    search_fields = ("=job__id", "=task_id")
    search_help_text = "The id of an import or of a task in full."
    ordering = ("-id",)

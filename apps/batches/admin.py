"""Batches in the admin: to look at."""

from __future__ import annotations

from django.contrib import admin

from apps.batches.models import Batch
from apps.common.admin.base import ReadOnlyAdmin


@admin.register(Batch)
class BatchAdmin(ReadOnlyAdmin):
    """Batches, without what became of each task."""

    list_display = ("id", "action", "actor", "state", "mode", "dry_run", "total", "created_at", "finished_at")
    list_filter = ("action", "state", "created_at")
    list_select_related = ("actor",)
    list_per_page = 50
    search_fields = ("=id",)
    search_people = ("actor",)
    search_help_text = "A username or a batch's id in full."
    ordering = ("-created_at",)

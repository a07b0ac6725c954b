"""The trash in the admin: to look at, to restore and to purge."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from apps.common.admin.base import ReadOnlyAdmin
from apps.projects.admin import each
from apps.projects.models import TrashEntry
from apps.tasks.trash import services


@admin.register(TrashEntry)
class TrashEntryAdmin(ReadOnlyAdmin):
    """What was deleted and can still come back."""

    list_display = ("id", "type", "root_id", "project", "tasks_count", "deleted_by", "deleted_at", "purge_at", "origin")
    list_filter = ("type", "origin", "deleted_at")
    list_select_related = ("project", "deleted_by")
    list_per_page = 50
    show_full_result_count = False
    search_fields = ("=id", "=root_id", "=project__key", "=batch_id")
    search_people = ("deleted_by",)
    search_help_text = "The id of an entry or of what was deleted, a project's key, a username or a batch, in full."
    ordering = ("-id",)
    actions = ("restore", "purge")

    @admin.action(description="Restore", permissions=["remove"])
    def restore(self, request: Any, queryset: QuerySet[TrashEntry]) -> None:
        """Bring the chosen entries back."""
        each(
            self,
            request,
            queryset,
            lambda entry: services.restore_entry(actor=request.user, entry=entry, as_administrator=True),
        )

    @admin.action(description="Purge", permissions=["remove"])
    def purge(self, request: Any, queryset: QuerySet[TrashEntry]) -> None:
        """Erase the chosen entries for good."""
        each(
            self,
            request,
            queryset,
            lambda entry: services.purge_entry(actor=request.user, entry=entry, as_administrator=True),
        )

    def has_remove_permission(self, request: HttpRequest) -> bool:
        """Return whether the administrator may restore and purge."""
        return bool(request.user.has_perm("projects.delete_trashentry"))

"""Attachments in the admin: to look at, and to delete."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest

from apps.common.admin.base import ReadOnlyAdmin, reason
from apps.common.errors import DomainError
from apps.tasks.attachments.services import delete_attachment, remove_deleted
from apps.tasks.models import Attachment


@admin.register(Attachment)
class AttachmentAdmin(ReadOnlyAdmin):
    """Files of tasks. The bytes are downloaded through the API alone, which asks who wants them."""

    list_display = ("id", "name", "task", "size", "content_type", "state", "uploaded_by", "created_at")
    list_display_links = ("id", "name")
    list_filter = ("state", "content_type", "created_at")
    list_select_related = ("task", "uploaded_by")
    list_per_page = 50
    show_full_result_count = False
    search_fields = ("name", "=sha256", "=task__id", "=project__key")
    search_people = ("uploaded_by",)
    search_help_text = "Words of a name; a sha256, task id, project key, username or address in full."
    sorted_as_text = ("name",)
    ordering = ("-id",)
    actions = ("delete_files", "remove_bytes")

    @admin.action(description="Delete the chosen files", permissions=["remove"])
    def delete_files(self, request: Any, queryset: QuerySet[Attachment]) -> None:
        """Take the chosen files from their tasks; the history names the administrator."""
        done = 0
        for attachment in queryset:
            try:
                delete_attachment(actor=request.user, attachment=attachment, as_administrator=True)
                done += 1
            except DomainError as error:
                self.message_user(request, f"{attachment}: {reason(error)}", messages.ERROR)
        self.message_user(request, f"{done} deleted.")

    @admin.action(description="Remove the bytes of all deleted files now", permissions=["remove"])
    def remove_bytes(self, request: HttpRequest, queryset: QuerySet[Attachment]) -> None:
        """Do now what the clean-up does every few minutes; the choice of rows does not matter."""
        self.message_user(request, f"{remove_deleted()} removed.")

    def has_remove_permission(self, request: HttpRequest) -> bool:
        """Return whether the administrator may delete: the page itself deletes nothing."""
        return bool(request.user.has_perm("tasks.delete_attachment"))

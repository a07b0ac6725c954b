"""Comments in the admin: to read, and to delete."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest

from apps.common.admin.base import ReadOnlyAdmin, reason
from apps.common.errors import DomainError
from apps.tasks.comments.services import delete_comment
from apps.tasks.models import Comment, Mention

SHOWN = 80  # characters of a text in the list


@admin.register(Comment)
class CommentAdmin(ReadOnlyAdmin):
    """Comments: the text is read-only, for administrators too."""

    list_display = ("id", "task", "project", "author", "beginning", "version", "created_at", "deleted_at")
    list_display_links = ("id", "beginning")
    list_filter = ("created_at", ("deleted_at", admin.EmptyFieldListFilter))
    list_select_related = ("task", "project", "author")
    list_per_page = 50
    search_fields = ("=id", "=task__id", "=project__key")
    search_people = ("author",)
    search_help_text = "A comment's or task's id, a project's key, an author's username or address, in full."
    ordering = ("-id",)
    actions = ("delete_comments",)
    fields = (
        "id",
        "task",
        "project",
        "author",
        "body",
        "former_texts",
        "version",
        "edits_count",
        "created_at",
        "edited_at",
        "deleted_at",
        "deleted_by",
    )

    @admin.display(description="text")
    def beginning(self, comment: Comment) -> str:
        """Return the first characters of the text."""
        return (comment.body or "")[:SHOWN] or "(none)"

    @admin.display(description="former texts")
    def former_texts(self, comment: Comment) -> str:
        """Return the former texts, oldest first."""
        versions = comment.former_versions.order_by("number")
        return "\n\n".join(f"{former.number}: {former.body or 'erased'}" for former in versions) or "(none)"

    @admin.action(description="Delete the chosen comments", permissions=["remove"])
    def delete_comments(self, request: Any, queryset: QuerySet[Comment]) -> None:
        """Erase the chosen comments; the history names the administrator."""
        done = 0
        for comment in queryset:
            try:
                delete_comment(actor=request.user, comment=comment, as_administrator=True)
                done += 1
            except DomainError as error:
                self.message_user(request, f"{comment}: {reason(error)}", messages.ERROR)
        self.message_user(request, f"{done} deleted.")

    def has_remove_permission(self, request: HttpRequest) -> bool:
        """Return whether the administrator may delete: the page itself deletes nothing."""
        return bool(request.user.has_perm("tasks.delete_comment"))


@admin.register(Mention)
class MentionAdmin(ReadOnlyAdmin):
    """Who is named where, to look at."""

    list_display = ("id", "task", "comment", "user", "name_as_written", "is_current")
    list_select_related = ("task", "comment", "user")
    list_per_page = 50
    search_fields = ("=task__id", "=comment__id")
    search_people = ("user",)
    search_help_text = "A task's or comment's id, or a username, in full."
    ordering = ("-id",)

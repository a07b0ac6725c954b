"""Reports in the admin: to look at, and to build again."""

from __future__ import annotations

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from apps.common.admin.base import ReadOnlyAdmin
from apps.reports import services
from apps.reports.models import Report


@admin.register(Report)
class ReportAdmin(ReadOnlyAdmin):
    """Reports, without their tables."""

    list_display = ("id", "project", "status", "created_by", "attempts", "error", "created_at", "finished_at")
    list_filter = ("status", "created_at")
    list_select_related = ("project", "created_by")
    list_per_page = 50
    search_fields = ("=id", "project__name", "=project__key", "=request_id")
    search_people = ("created_by",)
    search_help_text = "Words of a project's name; its key, a username, a request or report id in full."
    ordering = ("-id",)
    actions = ("build_again",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Report]:
        return super().get_queryset(request).defer("content")

    @admin.action(description="Build again (failed ones)", permissions=["build"])
    def build_again(self, request: HttpRequest, queryset: QuerySet[Report]) -> None:
        """Give the chosen failed reports new attempts."""
        count = services.build_again(list(queryset.values_list("pk", flat=True)))
        self.message_user(request, f"{count} will be built again.")

    def has_build_permission(self, request: HttpRequest) -> bool:
        """Return whether the administrator may start a build: who may change reports."""
        return bool(request.user.has_perm("reports.change_report"))

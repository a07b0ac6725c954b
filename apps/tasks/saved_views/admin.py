"""Saved views in the admin: written through the services."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from apps.common.admin.base import ServiceAdmin
from apps.common.admin.names import NamedForm
from apps.projects.admin import each
from apps.tasks.filtering.reader import reader_of
from apps.tasks.models import SavedView
from apps.tasks.saved_views import services
from apps.tasks.saved_views.judging import kept_filter
from apps.tasks.saved_views.reading import present

EDITABLE = ("name", "filter", "layout", "group_by")


class SavedViewForm(NamedForm):
    """What an administrator may write; the filter is shown and judged as the view's owner reads it."""

    class Meta:
        model = SavedView
        fields = EDITABLE

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "group_by" in self.fields:
            self.fields["group_by"].required = False
        if self.instance.pk is not None:
            present([self.instance], reader_of(self.instance.owner))
            self.initial["filter"] = self.instance.shown_filter

    def clean_group_by(self) -> str | None:
        """Return the grouping, None for none."""
        return self.cleaned_data["group_by"] or None


@admin.register(SavedView)
class SavedViewAdmin(ServiceAdmin):
    """Filters that people keep. A view is made, shared and moved by people."""

    form = SavedViewForm
    list_display = ("id", "name", "owner", "project", "is_shared", "layout", "updated_at")
    list_display_links = ("id", "name")
    list_filter = ("is_shared", "layout", "created_at")
    list_select_related = ("owner", "project")
    list_per_page = 50
    search_fields = ("name", "=project__key")
    search_people = ("owner",)
    search_help_text = "Words of a name; a project's key, a username or address in full."
    sorted_as_text = ("name",)
    ordering = ("-id",)
    fields = (*EDITABLE, "owner", "project", "is_shared", "version", "created_at", "updated_at")
    readonly_fields = ("owner", "project", "is_shared", "version", "created_at", "updated_at")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Return whether views may go: by the service, which writes the event of a shared one."""
        return admin.ModelAdmin.has_delete_permission(self, request, obj)

    def write(self, request: Any, obj: SavedView, form: forms.ModelForm[SavedView], *, change: bool) -> None:
        view = SavedView.objects.select_related("owner").get(pk=obj.pk)
        changes = {name: form.cleaned_data[name] for name in form.changed_data}
        if "filter" in changes:
            changes |= kept_filter(changes["filter"], reader_of(view.owner))
        services.update_view(actor=request.user, view=view, changes=changes, as_administrator=True)

    def get_deleted_objects(
        self, objs: Any, request: HttpRequest
    ) -> tuple[list[str], dict[str, int], set[str], list[str]]:
        """Say what would go."""
        shown = [f"{view} of {view.owner}" for view in objs]
        return shown, {"saved views": len(shown)}, set(), []

    def delete_model(self, request: Any, obj: SavedView) -> None:
        services.delete_view(actor=request.user, view=obj, as_administrator=True)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[SavedView]) -> None:
        each(self, request, queryset, lambda view: self.delete_model(request, view))

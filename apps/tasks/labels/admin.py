"""Labels in the admin: written through the services."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from apps.common.admin.base import ServiceAdmin
from apps.common.admin.names import NamedForm
from apps.projects.admin import each
from apps.tasks.labels import services
from apps.tasks.labels.colors import COLOR
from apps.tasks.labels.services.writing import EDITABLE
from apps.tasks.models import Label


class LabelForm(NamedForm):
    """What an administrator may write; the name chooses the colour when it is left empty."""

    class Meta:
        model = Label
        fields = ("project", *EDITABLE)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "color" in self.fields:
            self.fields["color"].required = self.instance.pk is not None

    def clean_color(self) -> str:
        """Return the colour in lower case."""
        color: str = self.cleaned_data["color"]
        if color and COLOR.fullmatch(color) is None:
            raise forms.ValidationError("Give a colour as #rrggbb.", code="invalid")
        return color.lower()

    def _get_validation_exclusions(self) -> set[str]:
        """Leave names of the same project to the service."""
        return {*super()._get_validation_exclusions(), "project", "color"}  # type: ignore[misc]


@admin.register(Label)
class LabelAdmin(ServiceAdmin):
    """Labels. A label stays in its project; merging is an act of the API."""

    form = LabelForm
    list_display = ("name", "project", "color", "tasks", "created_at")
    list_filter = ("created_at",)
    list_select_related = ("project",)
    list_per_page = 50
    search_fields = ("name", "=project__key")
    search_help_text = "Words of a name, or a project's key in full."
    sorted_as_text = ("name",)
    autocomplete_fields = ("project",)
    ordering = ("-id",)
    readonly_fields = ("tasks", "created_at")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Label]:
        return Label.objects.with_counts()

    @admin.display(description="tasks")
    def tasks(self, label: Label) -> int:
        """Return how many tasks carry it, without the trash."""
        return getattr(label, "tasks_count", 0)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return self.readonly_fields if obj is None else ("project", *self.readonly_fields)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Return whether labels may go: by the service, which takes them off the tasks."""
        return admin.ModelAdmin.has_delete_permission(self, request, obj)

    def write(self, request: Any, obj: Label, form: forms.ModelForm[Label], *, change: bool) -> None:
        fields = form.cleaned_data
        if change:
            changes = {name: fields[name] for name in form.changed_data if name in EDITABLE}
            label = Label.objects.get(pk=obj.pk)
            services.update_label(actor=request.user, label=label, changes=changes, as_administrator=True)
        else:
            texts = {name: fields[name] for name in EDITABLE}
            label = services.create_label(
                actor=request.user, project_id=fields["project"].pk, as_administrator=True, **texts
            )
            obj.pk = label.pk
            obj._state.adding = False

    def get_deleted_objects(
        self, objs: Any, request: HttpRequest
    ) -> tuple[list[str], dict[str, int], set[str], list[str]]:
        """Say what would go, tasks counted and not loaded."""
        shown = [f"{label} of {label.project}, on {self.tasks(label)} tasks" for label in objs]
        return shown, {"labels": len(shown)}, set(), []

    def delete_model(self, request: Any, obj: Label) -> None:
        services.delete_label(actor=request.user, label=obj, as_administrator=True)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Label]) -> None:
        each(self, request, queryset, lambda label: self.delete_model(request, label))

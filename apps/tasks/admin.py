"""Tasks and their files in the admin."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.forms.fields import InvalidJSONInput
from django.http import HttpRequest
from rest_framework.exceptions import ParseError

from apps.common.admin.base import SEARCH_LENGTH, ServiceAdmin
from apps.common.api.parsers import MAX_DEPTH, read_json
from apps.projects.admin import each
from apps.tasks import services
from apps.tasks.attachments import admin as attachment_admin
from apps.tasks.comments import admin as comment_admin
from apps.tasks.fields import BY_NAME
from apps.tasks.labels import admin as label_admin
from apps.tasks.metadata import FAULTS, metadata_fault
from apps.tasks.models import SEARCHED, Label, Task
from apps.tasks.relations import admin as relation_admin
from apps.tasks.saved_views import admin as saved_view_admin
from apps.tasks.search import Search, search_tasks
from apps.tasks.trash import admin as trash_admin
from apps.tasks.watching import admin as watching_admin

__all__ = [
    "TaskAdmin",
    "attachment_admin",
    "comment_admin",
    "label_admin",
    "relation_admin",
    "saved_view_admin",
    "trash_admin",
    "watching_admin",
]

REFERENCES = {"project", "assigned_to", "parent"}  # the services take ids
METADATA_DEPTH = MAX_DEPTH - 1  # in the API a body stands around it


class MetadataField(forms.JSONField):
    """A JSON object, read and limited as in the API; nothing stands for an empty one."""

    def to_python(self, value: Any) -> Any:
        if value in self.empty_values:
            return {}
        if not isinstance(value, str):
            return value
        try:
            found = read_json(value.encode(), depth=METADATA_DEPTH)
        except (ParseError, UnicodeEncodeError) as error:
            raise forms.ValidationError(str(error), code="invalid") from None
        if fault := metadata_fault(found):
            raise forms.ValidationError(FAULTS[fault], code=fault)
        return found

    def bound_data(self, data: Any, initial: Any) -> Any:
        try:
            return self.to_python(data) if data else data
        except forms.ValidationError:
            return InvalidJSONInput(data)

    def prepare_value(self, value: Any) -> Any:
        """Return the text to show; escapes keep what could not be written as UTF-8."""
        if value in self.empty_values and value != {}:
            return ""
        text: str = super().prepare_value(value)
        return text.encode(errors="backslashreplace").decode()


class TaskForm(forms.ModelForm):  # type: ignore[type-arg]
    """What an administrator may write."""

    metadata = MetadataField(required=False, initial=dict)

    class Meta:
        model = Task
        fields = ("project", *BY_NAME)


@admin.register(Task)
class TaskAdmin(ServiceAdmin):
    """Tasks. Every write goes through the services, with history, notifications and counts."""

    form = TaskForm
    list_display = ("key", "title", "project", "status", "priority", "assigned_to", "due_date")
    list_display_links = ("key", "title")
    list_filter = ("status", "priority", ("archived_at", admin.EmptyFieldListFilter), "due_date", "created_at")
    list_select_related = ("project", "assigned_to")
    list_per_page = 50
    search_fields = SEARCHED  # by words, see get_search_results
    sorted_as_text = ("title",)
    search_help_text = "Words in title or description, the last one may be a beginning; or a task's key."
    autocomplete_fields = ("project", "assigned_to", "parent")
    ordering = ("-id",)
    actions = ("archive", "unarchive")
    readonly_fields = (
        "key",
        "created_by",
        "subtasks_total",
        "subtasks_done",
        "labels",
        "attachments_count",
        "comments_count",
        "completed_at",
        "archived_at",
        "version",
        "created_at",
        "updated_at",
    )

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Task], search_term: str
    ) -> tuple[QuerySet[Task], bool]:
        text = search_term.replace("\x00", " ").strip()[:SEARCH_LENGTH]
        # The index of words leaves the trash out
        return search_tasks(queryset.filter(trash=None), Search.parse(text)) if text else queryset, False

    @admin.display(description="labels")
    def labels(self, task: Task) -> str:
        """Return the names of the labels that the task carries."""
        return ", ".join(label.name for label in Label.objects.filter(task_labels__task=task).by_name()) or "(none)"

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Return whether tasks may go: by the service, which lets their files go with them."""
        return admin.ModelAdmin.has_delete_permission(self, request, obj)

    def write(self, request: Any, obj: Task, form: forms.ModelForm[Task], *, change: bool) -> None:
        fields = {name: _plain(name, value) for name, value in form.cleaned_data.items()}
        if change:
            changes = {name: fields[name] for name in form.changed_data}
            services.update_task(
                actor=request.user, task=Task.objects.get(pk=obj.pk), changes=changes, as_administrator=True
            )
        else:
            obj.pk = services.create_task(actor=request.user, as_administrator=True, **fields).pk
            obj._state.adding = False

    def get_deleted_objects(
        self, objs: Any, request: HttpRequest
    ) -> tuple[list[str], dict[str, int], set[str], list[str]]:
        """Say what would go, files counted and not loaded."""
        shown = [f"{task.key} {task.title} with {task.attachments_count} files" for task in objs]
        return shown, {"tasks": len(shown), "files": sum(task.attachments_count for task in objs)}, set(), []

    def delete_model(self, request: Any, obj: Task) -> None:
        services.delete_task(actor=request.user, task=obj, as_administrator=True)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Task]) -> None:
        each(self, request, queryset, lambda task: self.delete_model(request, task))

    @admin.action(description="Archive", permissions=["change"])
    def archive(self, request: Any, queryset: QuerySet[Task]) -> None:
        """Take the chosen tasks not visible."""
        each(
            self,
            request,
            queryset,
            lambda task: services.archive_task(actor=request.user, task=task, as_administrator=True),
        )

    @admin.action(description="Unarchive", permissions=["change"])
    def unarchive(self, request: Any, queryset: QuerySet[Task]) -> None:
        """Bring the chosen tasks back."""
        each(
            self,
            request,
            queryset,
            lambda task: services.unarchive_task(actor=request.user, task=task, as_administrator=True),
        )


def _plain(name: str, value: Any) -> Any:
    return value.pk if name in REFERENCES and value is not None else value

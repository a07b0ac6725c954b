"""Projects, members and history in the admin."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest

from apps.common.admin.base import ReadOnlyAdmin, ServiceAdmin, reason
from apps.common.admin.names import NamedForm
from apps.common.errors import DomainError
from apps.projects import services
from apps.projects.models import Activity, Membership, Project
from apps.projects.services.changes import EDITABLE

SETTINGS = {"on_parent_done", "new_tasks", "blocked_done"}


class ProjectForm(NamedForm):
    """What an administrator may write; the key is made from the name when left empty."""

    class Meta:
        model = Project
        fields = ("owner", "name", "key", "description", "on_parent_done", "new_tasks", "blocked_done")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "key" in self.fields:
            self.fields["key"].required = self.instance.pk is not None
        for name in self.fields.keys() & SETTINGS:
            self.fields[name].required = False

    def clean(self) -> dict[str, Any]:
        """Return the fields; a setting that was not sent stays as it is."""
        fields = super().clean() or {}
        kept = {name: getattr(self.instance, name) for name in SETTINGS if not fields.get(name)}
        return fields | kept

    def _get_validation_exclusions(self) -> set[str]:
        """Leave keys of the same owner to the service, which says at which field the fault is."""
        return {*super()._get_validation_exclusions(), "owner"}  # type: ignore[misc]


def each(model_admin: Any, request: HttpRequest, rows: QuerySet[Any], act: Callable[[Any], object]) -> None:
    """Do `act` to each row; what a service rejects is a message, and the others are done."""
    done = 0
    for row in rows:
        try:
            act(row)
            done += 1
        except DomainError as error:
            model_admin.message_user(request, f"{row}: {reason(error)}", messages.ERROR)
    model_admin.message_user(request, f"{done} done.")


@admin.register(Project)
class ProjectAdmin(ServiceAdmin):
    """Projects. The owner changes by transfer, which is the owner's own act."""

    form = ProjectForm
    list_display = ("key", "name", "owner", "members_count", "tasks_count", "created_at")
    list_display_links = ("key", "name")
    list_filter = ("is_inbox", ("archived_at", admin.EmptyFieldListFilter), "created_at")
    list_select_related = ("owner",)
    list_per_page = 50
    search_fields = ("name", "=key")
    search_people = ("owner",)
    sorted_as_text = ("name",)
    search_help_text = "Words of a name; a key, the owner's username or address in full."
    autocomplete_fields = ("owner",)
    ordering = ("-id",)
    actions = ("archive", "unarchive")
    readonly_fields = (
        "is_inbox",
        "archived_at",
        "members_count",
        "tasks_count",
        "open_tasks_count",
        "attachment_bytes",
        "last_task_number",
        "version",
        "created_at",
        "updated_at",
    )

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return self.readonly_fields if obj is None else ("owner", *self.readonly_fields)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Return whether it may go: by the service, which lets no Inbox go."""
        allowed = admin.ModelAdmin.has_delete_permission(self, request, obj)
        return allowed and (obj is None or not obj.is_inbox)

    def write(self, request: Any, obj: Project, form: forms.ModelForm[Project], *, change: bool) -> None:
        fields = form.cleaned_data
        if change:
            changes = {name: fields[name] for name in form.changed_data if name in EDITABLE}
            services.update_project(actor=request.user, project_id=obj.pk, changes=changes, as_administrator=True)
        else:
            texts = {name: fields[name] for name in EDITABLE if name in fields}
            obj.pk = services.create_project(actor=request.user, owner=fields["owner"], **texts).pk
            obj._state.adding = False

    def get_deleted_objects(
        self, objs: Any, request: HttpRequest
    ) -> tuple[list[str], dict[str, int], set[str], list[str]]:
        """Say how much would go, without loading it all."""
        shown = [f"{project} with {project.tasks_count} tasks and {project.members_count} members" for project in objs]
        return shown, {"projects": len(shown), "tasks": sum(project.tasks_count for project in objs)}, set(), []

    def delete_model(self, request: Any, obj: Project) -> None:
        services.delete_project(actor=request.user, project_id=obj.pk, as_administrator=True)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Project]) -> None:
        each(self, request, queryset, lambda project: self.delete_model(request, project))

    @admin.action(description="Archive", permissions=["change"])
    def archive(self, request: Any, queryset: QuerySet[Project]) -> None:
        """Make the chosen projects read-only."""
        each(
            self,
            request,
            queryset,
            lambda project: services.archive_project(actor=request.user, project_id=project.pk, as_administrator=True),
        )

    @admin.action(description="Unarchive", permissions=["change"])
    def unarchive(self, request: Any, queryset: QuerySet[Project]) -> None:
        """Open the chosen projects for writes again."""
        each(
            self,
            request,
            queryset,
            lambda project: services.unarchive_project(
                actor=request.user, project_id=project.pk, as_administrator=True
            ),
        )


@admin.register(Membership)
class MembershipAdmin(ReadOnlyAdmin):
    """Who is in which project."""

    list_display = ("id", "project", "user", "role", "joined_at")
    list_filter = ("role", "joined_at")
    list_select_related = ("project", "user")
    list_per_page = 50
    search_fields = ("project__name", "=project__key")
    search_people = ("user",)
    search_help_text = "Words of a project's name; its key, a username or address in full."
    ordering = ("-id",)
    actions = ("remove",)

    @admin.action(description="Remove from the project", permissions=["remove"])
    def remove(self, request: Any, queryset: QuerySet[Membership]) -> None:
        """End the chosen memberships; the people are notified."""
        each(
            self,
            request,
            queryset,
            lambda membership: services.remove_member(
                actor=request.user, project_id=membership.project_id, user_id=membership.user_id, as_administrator=True
            ),
        )

    def has_remove_permission(self, request: HttpRequest) -> bool:
        """Return whether the administrator may end memberships."""
        return bool(request.user.has_perm("projects.delete_membership"))


@admin.register(Activity)
class ActivityAdmin(ReadOnlyAdmin):
    """The history: to look at."""

    list_display = ("id", "created_at", "project", "seq", "type", "actor", "verb", "task_key", "origin")
    list_filter = ("type", "origin", "created_at")
    list_select_related = ("project", "actor")
    list_per_page = 50
    search_fields = ("=project__key", "=task_key", "=task_id", "=request_id", "=batch_id")
    search_people = ("actor",)
    search_help_text = "A project's key, a task's key or id, a username or a request id, in full."
    ordering = ("-id",)

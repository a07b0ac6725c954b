"""The trash: entries with the date of their end; restored, purged, emptied."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db.models import DateTimeField, F
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext

from apps.common.errors import ConflictError, ForbiddenError, NotFoundError, ValidationError
from apps.common.lists.ordering import OrderKey
from apps.common.text.sorting import SortKey
from apps.projects.missing import in_trash
from apps.projects.models import Project, TrashEntry
from apps.projects.roles import Capability, Role, allows
from apps.tasks.trash.filters import TrashFilter
from apps.tasks.trash.reading import entries_of, restorable_by
from apps.tasks.trash.services import empty_trash, may_restore, purge_entry, restore_entry
from apps.users.models import User
from apps.web.base.forms import UNPROCESSABLE
from apps.web.base.listing import read_list
from apps.web.base.paths import own_path
from apps.web.base.views import PageView

ORDERING_KEYS = {
    "deleted_at": OrderKey(F("deleted_at"), kind=DateTimeField),
    "purge_at": OrderKey(F("purge_at"), kind=DateTimeField),
}
ID_DIGITS = 19  # more than every id has


class TrashPage(PageView):
    """What the person may restore."""

    template_name = "web/trash.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        return self.shown()

    def shown(
        self, *, conflict: ConflictError | None = None, about: TrashEntry | None = None, fault: str = ""
    ) -> HttpResponse:
        """Return the list; after a conflict with what stands against restoring `about`, or with a fault."""
        entries = read_list(
            self.request,
            entries_of(self.actor).filter(restorable_by(self.actor)),
            ordering_keys=ORDERING_KEYS,
            default_ordering="-deleted_at",
            filterset_class=TrashFilter,
        )
        status = conflict.status if conflict else UNPROCESSABLE if fault else 200
        kind = self.request.GET.get("type", "")
        context = {"entries": entries, "kind": kind, "can_empty": can_be_emptied(self.actor)}
        return self.page(conflict=conflict, about=about, fault=fault, status=status, **context)


class RestoreEntry(TrashPage):
    """Brings back all that one deletion took away."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        entry = find_entry(self.actor, pk)
        try:
            restored = restore_entry(actor=self.actor, entry=entry, key=request.POST.get("key") or None)
        except ConflictError as error:
            return self.shown(conflict=error, about=entry)
        if restored.task is not None:
            messages.success(request, gettext("{name} is back").format(name=restored.task.key))
            return self.see(own_path(request.POST.get("next"), default=reverse("task-page", args=[restored.task.pk])))
        assert restored.project is not None  # noqa: S101 - one of the two came back
        messages.success(request, gettext("{name} is back").format(name=restored.project.name))
        return self.see(reverse("project", args=[restored.project.pk]))


class PurgeEntry(PageView):
    """Erases an entry for good."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        purge_entry(actor=self.actor, entry=find_entry(self.actor, pk))
        messages.success(request, gettext("It is gone for good"))
        return self.see(reverse("trash"))


class EmptyTrash(TrashPage):
    """Erases all deleted tasks of a project for good."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest) -> HttpResponse:
        named = request.POST.get("project", "")
        if not (named.isdecimal() and len(named) < ID_DIGITS):
            return self.shown(fault=gettext("Choose the project whose deleted tasks are to go."))
        try:
            empty_trash(actor=self.actor, project_id=int(named), dry_run=False)
        except ValidationError:  # a project that they do not see
            return self.shown(fault=gettext("You are in no such project."))
        except ConflictError as error:
            return self.shown(conflict=error)
        messages.success(request, gettext("The deleted tasks are gone for good"))
        return self.see(reverse("trash"))


def can_be_emptied(person: User) -> list[Project]:
    """Return the projects whose deleted tasks the person may erase."""
    with_tasks = TrashEntry.objects.filter(type=TrashEntry.Type.TASK).values("project")
    found = Project.objects.visible_to(person).active().filter(pk__in=with_tasks).order_by(SortKey("name"), "pk")
    return [project for project in found if allows(project.role, Capability.MANAGE_PROJECT)]


def find_entry(actor: User, pk: int) -> TrashEntry:
    """Return an entry that the actor may restore; ForbiddenError for other members, NotFoundError for the rest."""
    entry: Any = entries_of(actor).filter(pk=pk).first()  # with `role`
    if entry is None:
        raise NotFoundError
    if entry.type == TrashEntry.Type.PROJECT:
        if entry.role != Role.OWNER:
            raise ForbiddenError
    elif entry.project.trash_id is not None:
        raise in_trash(entry.project.trash_id)
    elif not may_restore(entry.role, actor, entry):
        raise ForbiddenError
    found: TrashEntry = entry
    return found

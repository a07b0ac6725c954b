"""Archives of a project and of the account, and tables of lists (contract EX)."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db.models import DateTimeField, F, QuerySet
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext

from apps.common.errors import ConflictError, GoneError, NotFoundError
from apps.common.lists.ordering import OrderKey
from apps.exports import services
from apps.exports.models import Export, ExportScope, ExportState
from apps.projects.roles import Capability
from apps.tasks.attachments.downloads import download_stored
from apps.tasks.models import Task
from apps.tasks.table.sending import open_table, send
from apps.users.models import User
from apps.web.base.access import find_project
from apps.web.base.listing import Listing, read_list
from apps.web.base.paths import own_path
from apps.web.base.views import PageView
from apps.web.exports.forms import ExportForm
from apps.web.saved_views.views import find_saved_view
from apps.web.tasks.forms import members_of
from apps.web.tasks.lists import BY_GROUP, read_all_tasks
from apps.web.tasks.project_views import frame_of

ORDERING_KEYS = {"created_at": OrderKey(F("created_at"), kind=DateTimeField)}


class TablePage(PageView):
    """The tasks of a list as CSV, by the query of that list."""

    http_method_names = ["get", "head"]

    def get(self, request: HttpRequest) -> HttpResponseBase:
        default = BY_GROUP
        named = request.GET.get("view", "")
        if named.isdecimal() and len(named) < 19:  # digits of the largest id
            default = find_saved_view(self.actor, int(named)).ordering or default
        return send(open_table(read_all_tasks(request, Task.objects.visible_to(self.actor), default_ordering=default)))


class ExportsPage(PageView):
    """What the pages of archives share: the list, and asking for one."""

    def exports(self) -> QuerySet[Export]:
        """Return the archives that the person asked for, and may still have."""
        return Export.objects.visible_to(self.actor)

    def read(self, rows: QuerySet[Export]) -> dict[str, Any]:
        """Return what the list of archives shows."""
        found: Listing[Export] = read_list(
            self.request, rows, ordering_keys=ORDERING_KEYS, default_ordering="-created_at"
        )
        now = timezone.now()
        exports = [(export, export.state_at(now)) for export in found.rows]
        return {"found": found, "exports": exports, "is_waiting": any(state == "pending" for _, state in exports)}

    def ask(self, form: ExportForm, *, scope: str, project_id: int | None = None) -> bool:
        """Ask for an archive; False when something in the form is against it."""

        def work(values: dict[str, Any]) -> Export:
            return services.request_export(actor=self.actor, scope=scope, project_id=project_id, **values)

        if form.submit(work) is None:
            return False
        messages.success(self.request, gettext("The archive is being made; you are notified when it is there"))
        return True


class AccountExports(ExportsPage):
    """All archives of the person, and a new one of the account."""

    template_name = "web/exports/account.html"
    throttle_scope = "exports"

    def get(self, request: HttpRequest) -> HttpResponse:
        return self.page(form=ExportForm(), **self.read(self.exports()))

    def post(self, request: HttpRequest) -> HttpResponse:
        form = ExportForm(request.POST)
        if self.ask(form, scope=ExportScope.ACCOUNT):
            return self.see(reverse("settings-exports"))
        return self.page(form=form, status=form.http_status, **self.read(self.exports()))


class ProjectExports(ExportsPage):
    """The archives of a project, for its admins, and its tasks as CSV, for everybody in it."""

    template_name = "web/exports/project.html"
    throttle_scope = "exports"

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        return self.shown(pk, ExportForm())

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        find_project(self.actor, pk, capability=Capability.MANAGE_PROJECT)
        form = ExportForm(request.POST)
        if self.ask(form, scope=ExportScope.PROJECT, project_id=pk):
            return self.see(reverse("project-exports", args=[pk]))
        return self.shown(pk, form, status=form.http_status)

    def shown(self, pk: int, form: ExportForm, *, status: int = 200) -> HttpResponse:
        """Return the page inside the project's frame."""
        project = find_project(self.actor, pk)
        frame = frame_of(project, people=members_of(project))
        return self.page(form=form, status=status, **frame, **self.read(self.exports().filter(project_id=pk)))


class DownloadExport(PageView):
    """The archive itself."""

    http_method_names = ["get", "head"]

    def get(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        export = find_export(self.actor, pk)
        match export.state_at(timezone.now()):
            case ExportState.READY:
                return download_stored(request, export, content_type="application/zip", name=export.file_name)
            case ExportState.EXPIRED:
                raise GoneError(gettext("The archive was kept for its time and is gone."), code="export_expired")
        raise ConflictError(gettext("The archive is not ready to be downloaded."), code="export_not_ready")


class DeleteExport(PageView):
    """Deletes an archive before it expires."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        services.delete_export(export=find_export(self.actor, pk))
        messages.success(request, gettext("The archive is deleted"))
        return self.see(own_path(request.POST.get("next"), default=reverse("settings-exports")))


def find_export(actor: User, pk: int) -> Export:
    """Return an archive that the actor asked for and may still have; NotFoundError for any other."""
    export = Export.objects.visible_to(actor).filter(pk=pk).first()
    if export is None:
        raise NotFoundError
    return export

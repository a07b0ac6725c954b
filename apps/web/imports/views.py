"""A file comes in, what is in it is mapped, tried, run and taken back: by the services of the API (contract IM)."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.db.models import DateTimeField, F, IntegerField, QuerySet
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt, csrf_protect

from apps.common.errors import ConflictError, NotFoundError
from apps.common.lists.ordering import OrderKey
from apps.common.transactions import run_write
from apps.imports import services
from apps.imports.filters import ImportRowFilter
from apps.imports.models import ImportJob, ImportRow, ImportState, RowResult
from apps.projects.models import Project
from apps.projects.roles import Capability
from apps.users.models import User
from apps.web.base.access import find_project
from apps.web.base.listing import Listing, read_list
from apps.web.base.uploads import require_length
from apps.web.base.views import PageView
from apps.web.base.words import chosen_word
from apps.web.imports.forms import KINDS, EncodingForm, MappingForm, UploadForm
from apps.web.imports.wording import RESULTS, SOURCES, STATES, shown_counts, shown_rows, state_name
from apps.web.projects.settings_views import SettingsPage
from apps.web.tasks.forms import members_of
from apps.web.tasks.project_views import frame_of

NEWEST_FIRST = {"created_at": OrderKey(F("created_at"), kind=DateTimeField)}
BY_ROW = {"row": OrderKey(F("row"), kind=IntegerField)}


@method_decorator(csrf_exempt, name="dispatch")
class ImportsPage(SettingsPage):
    """The imports that a person began, and a file for a new project."""

    throttle_scope = "imports"
    template_name = "web/imports/imports.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        return self.imports(UploadForm())

    def post(self, request: HttpRequest) -> HttpResponseBase:
        require_length(request, settings.IMPORT_MAX_BYTES)
        answer: HttpResponseBase = csrf_protect(self.take)(request)
        return answer

    def take(self, request: HttpRequest, *, project: Project | None = None) -> HttpResponse:
        """Analyse the file of a body whose token is right."""
        form = UploadForm(request.POST, request.FILES)
        job = form.submit(lambda values: self.begin(values, project))
        if job is None:
            return self.imports(form, project=project)
        return self.see(reverse("import-page", args=[job.pk]))

    def begin(self, values: dict[str, Any], project: Project | None) -> ImportJob:
        """Hand the file to the service."""
        file = values["file"]
        return services.begin(
            actor=self.actor,
            data=file.read(),
            file_name=file.name,
            source=values["source"],
            project_id=None if project is None else project.pk,
        )

    def imports(self, form: UploadForm, *, project: Project | None = None) -> HttpResponse:
        """Return the form and the list, inside the frame of a project if there is one."""
        rows = ImportJob.objects.visible_to(self.actor)
        rows = rows if project is None else rows.filter(project=project)
        found: Listing[ImportJob] = read_list(
            self.request, rows, ordering_keys=NEWEST_FIRST, default_ordering="-created_at"
        )
        most = settings.IMPORT_MAX_BYTES // 1024**2
        context = {
            "form": form,
            "found": found,
            "states": STATES,
            "sources": SOURCES,
            "most": most,
            "status": form.http_status,
        }
        return self.page(**context) if project is None else self.shown(project, **context)


@method_decorator(csrf_exempt, name="dispatch")
class ProjectImports(ImportsPage):
    """The same for one project, for its admins."""

    template_name = "web/imports/project.html"

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:  # type: ignore[override]
        return self.imports(UploadForm(), project=self.managed(pk))

    def post(self, request: HttpRequest, pk: int) -> HttpResponseBase:  # type: ignore[override]
        project = self.managed(pk)
        require_length(request, settings.IMPORT_MAX_BYTES)
        answer: HttpResponseBase = csrf_protect(self.take)(request, project=project)
        return answer

    def managed(self, pk: int) -> Project:
        """Return the project, for its admins."""
        return find_project(self.actor, pk, capability=Capability.MANAGE_PROJECT)


class ImportPage(PageView):
    """One import: mapped before it runs, followed while it does, with its rows afterwards; `act` says what is done."""

    template_name = "web/imports/import.html"

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        return self.shown(find_import(self.actor, pk))

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        job = find_import(self.actor, pk)
        act = chosen_word(request, "act", ("save", "try", "run", "undo", "delete", "read"), default="save")
        if act == "undo":
            services.undo(job=job)
            messages.success(request, _("The import is being taken back"))
            return self.see(reverse("import-page", args=[pk]))
        if act == "delete":
            services.delete_import(job=job)
            messages.success(request, _("The import is deleted; its tasks stay"))
            return self.see(_list_of(job))
        if act == "read":
            return self.read_anew(job)
        return self.mapped(job, act)

    def read_anew(self, job: ImportJob) -> HttpResponse:
        """Read the file in another character set."""
        form = EncodingForm(self.request.POST, job=job)
        if form.submit(lambda values: services.change(job=job, encoding=values["encoding"])) is None:
            return self.shown(job, reading=form)
        messages.success(self.request, _("The file was read anew"))
        return self.see(reverse("import-page", args=[job.pk]))

    def mapped(self, job: ImportJob, act: str) -> HttpResponse:
        """Save the mapping, and try or run the import with it if that is what is wanted."""
        form = MappingForm(self.request.POST, job=job)
        if form.submit(lambda values: _save(job, values)) is None:
            return self.shown(job, form)
        if act in {"try", "run"}:
            try:
                services.run(job=job, dry_run=act == "try")
            except ConflictError as error:
                job = find_import(self.actor, job.pk)
                if job.state != ImportState.ANALYSED:
                    raise
                form = MappingForm.of(job)
                form.full_clean()
                form.reject(error)
                return self.shown(job, form)
        else:
            messages.success(self.request, _("The mapping is saved"))
        return self.see(reverse("import-page", args=[job.pk]))

    def shown(
        self, job: ImportJob, form: MappingForm | None = None, *, reading: EncodingForm | None = None
    ) -> HttpResponse:
        """Return the page as far as the import is."""
        is_open = job.state == ImportState.ANALYSED
        form = (form or MappingForm.of(job)) if is_open else None
        rows: Listing[ImportRow] = read_list(
            self.request,
            ImportRow.objects.filter(job=job),
            ordering_keys=BY_ROW,
            default_ordering="row",
            filterset_class=ImportRowFilter,
        )
        done = sum(job.result.values())
        context: dict[str, Any] = {
            "job": job,
            "form": form,
            "reading": (reading or EncodingForm.of(job)) if is_open else None,
            "columns": form.of_columns() if form else [],
            "words": [(kind, form.of_words(kind)) for kind in KINDS] if form else [],
            "more": form.left_out() if form else False,
            "counts": shown_counts(job),
            "results": [(value, RESULTS[value], job.result.get(value, 0)) for value in RowResult.values],
            "row_names": RESULTS,
            "source_name": SOURCES.get(job.source, job.source),
            "state_name": state_name(job),
            "rows": rows,
            "shown": shown_rows(rows.rows, self.actor),
            "undo_until": job.undo_until,
            "done": done,
            "total": max(done, job.analysis["counts"]["tasks"]),
            "warnings": [*job.analysis.get("warnings", []), *job.analysis.get("warnings_of_run", [])],
            "back": _list_of(job),
        }
        if job.project is not None:
            project = find_project(self.actor, job.project.pk)
            context |= frame_of(project, people=members_of(project))
        return self.page(status=next((each.http_status for each in (reading, form) if each), 200), **context)


def _save(job: ImportJob, values: dict[str, Any]) -> ImportJob:
    """Change the words first: other columns make a new proposal, which keeps what is stored of the same words."""
    mapping = dict(values["mapping"])
    columns = mapping.pop("columns")
    options = {name: values[name] for name in ("on_existing", "notify") if name in values}

    def work() -> ImportJob:
        changed = services.change(job=job, mapping=mapping, **options)
        return services.change(job=job, mapping={"columns": columns}) if job.analysis["columns"] else changed

    return run_write(work)


def _list_of(job: ImportJob) -> str:
    return reverse("imports") if job.project_id is None else reverse("project-imports", args=[job.project_id])


def find_import(actor: User, pk: int) -> ImportJob:
    """Return an import that the actor began and may still see; NotFoundError for any other."""
    rows: QuerySet[ImportJob] = ImportJob.objects.visible_to(actor).filter(pk=pk)
    job = rows.select_related("project", "created_by").first()
    if job is None:
        raise NotFoundError
    return job

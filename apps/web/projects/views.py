"""The list of projects, and making one."""

from __future__ import annotations

from django.contrib import messages
from django.db.models import DateTimeField, F
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext

from apps.common.lists.ordering import OrderKey
from apps.common.text.sorting import SortKey
from apps.projects.events import UNLISTED
from apps.projects.filters import ProjectFilter
from apps.projects.models import Activity, Project
from apps.projects.services import create_project
from apps.web.base.access import find_project
from apps.web.base.listing import read_list
from apps.web.base.views import PageView
from apps.web.projects.forms import ProjectForm
from apps.web.tasks.forms import members_of
from apps.web.tasks.history import entries_of
from apps.web.tasks.project_views import frame_of

ORDERING_KEYS = {
    "name": OrderKey(SortKey("name")),
    "created_at": OrderKey(F("created_at"), kind=DateTimeField),
    "updated_at": OrderKey(F("updated_at"), kind=DateTimeField),
}


class ProjectsPage(PageView):
    """Own and shared projects; archived ones by a switch."""

    template_name = "web/projects/list.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        projects = read_list(
            request,
            Project.objects.visible_to(self.actor).select_related("owner"),
            ordering_keys=ORDERING_KEYS,
            default_ordering="name",
            filterset_class=ProjectFilter,
        )
        return self.page(projects=projects, is_archive=request.GET.get("archived") == "true", query=request.GET)


class NewProjectPage(PageView):
    """Makes a project."""

    template_name = "web/projects/new.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        return self.page(form=ProjectForm())

    def post(self, request: HttpRequest) -> HttpResponse:
        form = ProjectForm(request.POST)
        project = form.submit(lambda values: create_project(actor=self.actor, **values))
        if project is None:
            return self.page(form=form, status=form.http_status)
        messages.success(request, gettext("{name} is created").format(name=project.name))
        return self.see(reverse("project", args=[project.pk]))


class ActivityPage(PageView):
    """The history of a project."""

    template_name = "web/projects/activity.html"

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        project = find_project(self.actor, pk)
        found = read_list(
            request,
            Activity.objects.filter(project=project).exclude(type__in=UNLISTED).select_related("actor"),
            ordering_keys={"created_at": OrderKey(F("created_at"), kind=DateTimeField)},
            default_ordering="-created_at",
        )
        entries = entries_of(found.rows, reader=self.actor)
        return self.page(entries=entries, found=found, **frame_of(project, people=members_of(project)))

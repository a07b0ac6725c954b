"""A project's tasks as a list and as a board."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext

from apps.projects.models import Project
from apps.projects.roles import Capability, allows
from apps.web.base.access import find_project
from apps.web.base.names import names_of_people, names_of_projects
from apps.web.base.patience import within_filter_limit
from apps.web.base.views import PageView
from apps.web.tasks.forms import QuickForm, labels_of, members_of, writable_projects
from apps.web.tasks.lists import BY_GROUP, BY_HAND, ORDERINGS, FilterBar, read_tasks
from apps.web.tasks.quick_views import add_task


class ProjectPage(PageView):
    """The tasks of a project by filters and order, and quick add."""

    template_name = "web/tasks/list.html"

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        return self.shown(find_project(self.actor, pk), QuickForm())

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Add a task by a line of text."""
        project = find_project(self.actor, pk, capability=Capability.WRITE_TASKS)
        form = QuickForm(request.POST)
        task = add_task(request, form, actor=self.actor, project=project.pk, said=gettext("{key} is created"))
        if task is None:
            return self.shown(project, form)
        return self.see(request.get_full_path())

    @within_filter_limit
    def shown(self, project: Project, form: QuickForm, *, fault: str = "", status: int = 200) -> HttpResponse:
        """Return the list with the form."""
        self.request.GET = with_project(self.request, project)
        tasks = read_tasks(self.request)
        people = members_of(project)
        filters = filters_of(self.request, project, people=people)
        return self.page(
            tasks=tasks,
            form=form,
            is_grouped=filters["bar"].ordering == BY_GROUP,
            orderings=(*ORDERINGS, BY_HAND),
            fault=fault,
            targets=[each for each in names_of_projects(writable_projects(self.actor)) if each[0] != project.pk],
            status=max(status, form.http_status),
            **filters,
            **frame_of(project, people=people),
        )


def frame_of(project: Project, *, people: list[Any]) -> dict[str, Any]:
    """Return what every page of a project needs: itself, its members and what the person may do there."""
    may_write = allows(project.role, Capability.WRITE_TASKS) and not project.is_archived
    return {
        "project": project,
        "people": people,
        "may_write": may_write,
        "may_manage": allows(project.role, Capability.MANAGE_PROJECT),
        "here": reverse("project", args=[project.pk]),
    }


def filters_of(
    request: HttpRequest, project: Project, *, people: list[Any], default_ordering: str = BY_GROUP
) -> dict[str, Any]:
    """Return what the filter bar of a project's pages needs; the query must have been read."""
    labels = labels_of(project.pk)
    bar = FilterBar(
        request.GET,
        people={str(pk): name for pk, name in names_of_people(people)},
        labels={str(label.pk): label.name for label in labels},
        default_ordering=default_ordering,
    )
    return {"bar": bar, "label_projects": [project.pk]}


def with_project(request: HttpRequest, project: Project) -> Any:
    """Return the query of a page of a project, narrowed to it."""
    query = request.GET.copy()
    query.setlist("project", [str(project.pk)])
    return query

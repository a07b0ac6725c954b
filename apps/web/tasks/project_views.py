"""A project's tasks as a list and as a board."""

from __future__ import annotations

from typing import Any

from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from apps.projects.models import Project
from apps.projects.roles import Capability, allows
from apps.tasks.models import Label, Priority, Status, Task
from apps.web.base.access import find_project
from apps.web.base.views import PageView
from apps.web.tasks.forms import QuickForm, members_of, writable_projects
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
        task = add_task(request, form, actor=self.actor, project=project.pk, said="is written down")
        if task is None:
            return self.shown(project, form)
        return self.see(request.get_full_path())

    def shown(self, project: Project, form: QuickForm, *, fault: str = "", status: int = 200) -> HttpResponse:
        """Return the list with the form."""
        rows = Task.objects.visible_to(self.actor).filter(project=project)
        self.request.GET = _with_project(self.request, project)
        tasks = read_tasks(self.request, rows)
        people = members_of(project)
        labels = list(Label.objects.filter(project=project).by_name())
        names = {str(each.pk): each.nickname or each.username for each in people}
        bar = FilterBar(self.request.GET, people=names, labels={str(label.pk): label.name for label in labels})
        return self.page(
            tasks=tasks,
            bar=bar,
            form=form,
            is_grouped=bar.ordering == BY_GROUP,
            labels=labels,
            label_projects=[project.pk],
            counts=counts_of(project),
            orderings=(*ORDERINGS, BY_HAND),
            statuses=Status.choices,
            priorities=Priority.choices,
            fault=fault,
            targets=[each for each in writable_projects(self.actor) if each.pk != project.pk],
            status=max(status, form.http_status),
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


def counts_of(project: Project) -> dict[str, int]:
    """Return how many tasks a project has in each status, archived ones apart."""
    found = Task.objects.kept().filter(project=project, archived_at=None).order_by().values_list("status")
    return dict(found.annotate(Count("pk")))


def _with_project(request: HttpRequest, project: Project) -> Any:
    query = request.GET.copy()
    query.setlist("project", [str(project.pk)])
    return query

"""One field of a task with all its values: what a key opens over a list, and a page without JavaScript."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy

from apps.common.errors import NotFoundError
from apps.projects.roles import Capability
from apps.web.base.access import find_task
from apps.web.base.paths import own_path
from apps.web.tasks.forms import initial_of
from apps.web.tasks.task_views import TaskView

TITLES = {
    "status": gettext_lazy("Status"),
    "priority": gettext_lazy("Priority"),
    "assigned_to": gettext_lazy("Assignee"),
    "labels": gettext_lazy("Labels"),
    "due": gettext_lazy("Due"),
    "project": gettext_lazy("Move to project"),
}


class ChoosePage(TaskView):
    """Offers the values of one field; the form posts to the task's own page."""

    http_method_names = ["get", "head"]
    template_name = "web/tasks/choose.html"

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        task = find_task(self.actor, pk, capability=Capability.WRITE_TASKS)
        field = request.GET.get("field", "status")
        if field not in TITLES:
            raise NotFoundError
        form = self.form(task, None, initial=initial_of(task))
        back = own_path(request.GET.get("next"), default=reverse("task-page", args=[pk]))
        shown: dict[str, Any] = {"field": field, "title": TITLES[field], "back": back}
        shown["present"] = form.initial.get(field)
        choices = form.fields[field].choices if field not in ("due", "labels") else []  # type: ignore[attr-defined]
        return self.page(
            task=task, project=task.project, form=form, choices=choices, label_projects=[task.project_id], **shown
        )

"""Full-text search over everything visible, with the filters of the lists."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from apps.tasks.models import Priority, Status, Task
from apps.web.base.views import PageView
from apps.web.tasks.lists import ORDERINGS, FilterBar, label_projects, read_tasks


class SearchPage(PageView):
    """Tasks by words, key and filters; without any of them, a way to begin."""

    template_name = "web/search.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        query = request.GET
        is_asked = any(value.strip() for name in query for value in query.getlist(name))
        tasks = (
            read_tasks(request, Task.objects.visible_to(self.actor), default_ordering="-updated_at")
            if is_asked
            else None
        )
        bar = FilterBar(request.GET, default_ordering="-updated_at")
        return self.page(
            tasks=tasks,
            label_projects=label_projects(tasks.rows if tasks else ()),
            bar=bar,
            here=reverse("search"),
            orderings=ORDERINGS,
            statuses=Status.choices,
            priorities=Priority.choices,
        )

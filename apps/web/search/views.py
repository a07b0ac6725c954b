"""Full-text search over everything visible, with the filters of the lists."""

from __future__ import annotations

from http import HTTPStatus

from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from apps.common.errors import ValidationError
from apps.common.language.problems import translated
from apps.web.base.patience import within_filter_limit
from apps.web.base.views import PageView
from apps.web.tasks.lists import ORDERINGS, FilterBar, label_projects, read_tasks


class SearchPage(PageView):
    """Tasks by words, key and filters; without any of them, a way to begin."""

    template_name = "web/search.html"

    @within_filter_limit
    def get(self, request: HttpRequest) -> HttpResponse:
        query = request.GET
        is_asked = any(value.strip() for name in query for value in query.getlist(name))
        tasks, fault = None, ""
        try:
            if is_asked:
                tasks = read_tasks(request, default_ordering="-updated_at")
        except ValidationError as error:
            if [each.pointer for each in error.errors] != ["/filter"]:
                raise
            fault = translated(error.errors[0].detail)
        bar = FilterBar(request.GET, default_ordering="-updated_at")
        return self.page(
            tasks=tasks,
            fault=fault,
            label_projects=label_projects(tasks.rows if tasks else ()),
            bar=bar,
            here=reverse("search"),
            orderings=ORDERINGS,
            status=HTTPStatus.BAD_REQUEST if fault else HTTPStatus.OK,
        )

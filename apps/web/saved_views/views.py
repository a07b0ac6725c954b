"""Pages that list, show, keep, change and delete saved views."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, QueryDict
from django.urls import reverse
from django.utils.translation import gettext

from apps.common.errors import ConflictError, ForbiddenError, NotFoundError
from apps.common.language.problems import translated
from apps.common.lists.ordering import OrderKey
from apps.common.lists.pagination import MAX_PAGE_SIZE
from apps.common.text.sorting import SortKey
from apps.projects.models import Project
from apps.projects.roles import Capability
from apps.tasks.filtering.errors import FilterError
from apps.tasks.filtering.reader import reader_of
from apps.tasks.models import Layout, SavedView, Task
from apps.tasks.saved_views import services
from apps.tasks.saved_views.counting import count_of
from apps.tasks.saved_views.filters import SavedViewFilter
from apps.tasks.saved_views.judging import kept_filter
from apps.tasks.saved_views.reading import present
from apps.tasks.services import update_task
from apps.users.models import User
from apps.web.base.access import find_task
from apps.web.base.listing import Listing, read_list
from apps.web.base.names import names_of_people, names_of_projects
from apps.web.base.paths import own_path
from apps.web.base.patience import within_filter_limit
from apps.web.base.views import PageView
from apps.web.base.words import chosen_word
from apps.web.saved_views.boards import COLUMNS_OF, announced, board_of
from apps.web.saved_views.forms import ColumnForm, ViewForm
from apps.web.saved_views.wording import as_filter, place_of
from apps.web.tasks.board_views import rejection_of
from apps.web.tasks.calendar_views import month_of, take_month
from apps.web.tasks.lists import label_projects, read_tasks
from apps.web.tasks.reading import TaskRows
from apps.web.tasks.undo_views import undo_of

ORDERING_KEYS = {"name": OrderKey(SortKey("name"))}
BROKEN = 409


def visible_views(person: User) -> QuerySet[SavedView]:
    """Return the views that a person sees, with their project and owner."""
    return SavedView.objects.visible_to(person).select_related("owner", "project")


def find_saved_view(person: User, pk: int) -> SavedView:
    """Return a visible view with its filter in present names; NotFoundError."""
    view = visible_views(person).filter(pk=pk).first()
    if view is None:
        raise NotFoundError
    present([view], reader_of(person))
    return view


def place_of_fault(view: SavedView, person: User) -> dict[str, str]:
    """Return what is wrong with the filter of a broken view, and the text before, at and behind that place."""
    text = view.shown_filter or ""
    fault = view.fault
    try:
        kept_filter(text, reader_of(person))
    except FilterError as error:
        fault = error
    return place_of(fault, text)


class ViewsPage(PageView):
    """Own views and those shared in one's projects, with how many tasks each finds."""

    template_name = "web/views/list.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        found: Listing[SavedView] = read_list(
            request,
            visible_views(self.actor),
            ordering_keys=ORDERING_KEYS,
            default_ordering="name",
            filterset_class=SavedViewFilter,
        )
        present(found.rows, reader_of(self.actor))
        return self.page(found=found, rows=self.counted(found.rows))

    def counted(self, views: list[SavedView]) -> list[tuple[SavedView, int | None]]:
        """Return the views with how many tasks they find; None for broken ones, and once slow ones took their time."""
        end = time.monotonic() + settings.FILTER_TIMEOUT_MS / 1_000
        return [(view, None if view.fault or time.monotonic() > end else count_of(view, self.actor)) for view in views]


class ViewForms(PageView):
    """What shows the form of a view."""

    template_name = "web/views/form.html"

    def form(self, data: Any, **options: Any) -> ViewForm:
        """Return the form; it offers the projects that the person sees."""
        projects = Project.objects.visible_to(self.actor).order_by("-is_inbox", SortKey("name"), "pk")
        return ViewForm(data, reader=reader_of(self.actor), projects=projects, **options)


class NewViewPage(ViewForms):
    """Keeps a filter; what a list is narrowed by comes along as its parameters."""

    def get(self, request: HttpRequest) -> HttpResponse:
        people = {str(pk): name for pk, name in User.objects.filter(pk__in=_ids(request)).values_list("pk", "username")}
        fault = ""
        left_out: list[str] = []
        try:
            text, left_out = as_filter(request.GET, people)
        except FilterError as error:
            text, fault = request.GET.get("filter", ""), translated(error.errors[0].detail)
        ordering = request.GET.get("ordering", "")
        initial = {"filter": text, "project": request.GET.get("project"), "layout": request.GET.get("layout")}
        by_group = ordering.startswith("group,") or not ordering
        initial |= {"group_by": "status"} if by_group and request.GET else {"ordering": ordering}
        given = {name: value for name, value in initial.items() if value}
        return self.page(form=self.form(None, initial=given), fault=fault, left_out=left_out)

    def post(self, request: HttpRequest) -> HttpResponse:
        form = self.form(request.POST)
        view = form.submit(lambda values: services.create_view(actor=self.actor, **values))
        if view is None:
            return self.page(form=form, place=form.place, status=form.http_status)
        messages.success(request, gettext("The view {name} is kept").format(name=view.name))
        return self.see(reverse("view-page", args=[view.pk]))


class ViewPage(PageView):
    """The tasks that the reader finds with a view."""

    template_name = "web/views/view.html"

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        view = find_saved_view(self.actor, pk)
        layouts = {Layout.BOARD: self.as_board, Layout.CALENDAR: self.as_calendar}
        return self.shown(view, layouts.get(Layout(view.layout), self.as_list))

    @within_filter_limit
    def shown(self, view: SavedView, show: Callable[[SavedView, dict[str, Any]], HttpResponse]) -> HttpResponse:
        """Return the tasks as `show` does, or what is wrong with the filter of the view."""
        query = self.request.GET.copy()
        query["view"] = str(view.pk)
        self.request.GET = query  # type: ignore[assignment]  # as `read_list` does
        context: dict[str, Any] = {"view": view, "may_change": may_change(view, self.actor)}
        try:
            return show(view, context)
        except ConflictError as error:
            if error.code != "view_broken":
                raise
            return self.page(fault=place_of_fault(view, self.actor), status=BROKEN, **context)

    def as_list(self, view: SavedView, context: dict[str, Any]) -> HttpResponse:
        """Return the tasks as rows, in the groups of the view."""
        tasks = read_tasks(self.request, default_ordering=view.ordering)
        colours = label_projects(tasks.rows)
        return self.page(tasks=tasks, label_projects=colours, groups=grouped(tasks.rows, view), **context)

    def as_board(self, view: SavedView, context: dict[str, Any]) -> HttpResponse:
        """Return the tasks as cards, in a column for each group, by status unless the view says otherwise."""
        query = self.request.GET.copy()
        query.setdefault("page_size", str(MAX_PAGE_SIZE))
        self.request.GET = query  # type: ignore[assignment]  # as `read_list` does
        tasks = read_tasks(self.request, default_ordering=view.ordering)
        groups = [] if view.group_by in COLUMNS_OF else grouped(tasks.rows, view)
        self.template_name = "web/views/board.html"
        board = board_of(tasks.rows, view, groups=groups)
        context = {"here": self.request.get_full_path()} | context
        return self.page(tasks=tasks, board=board, label_projects=label_projects(tasks.rows), **context)

    def as_calendar(self, view: SavedView, context: dict[str, Any]) -> HttpResponse:
        """Return the tasks on their days in a month."""
        first = take_month(self.request)
        self.template_name = "web/views/calendar.html"
        return self.page(**month_of(TaskRows(self.request, view.ordering), first), **context)


class MoveInView(ViewPage):
    """Puts a card of a view's board into another column, which sets the field that the columns stand for (PG10)."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: int, task_pk: int) -> HttpResponse:
        view = find_saved_view(self.actor, pk)
        task = find_task(self.actor, task_pk, capability=Capability.WRITE_TASKS)
        form = ColumnForm(request.POST)
        here = own_path(request.POST.get("next"), default=reverse("view-page", args=[pk]))
        moved = form.submit(lambda values: self.move(task, values))
        if moved is not None:
            messages.success(request, announced(moved, form.field), extra_tags=undo_of(moved))
            return self.see(here)
        came_from = urlsplit(here)
        is_view = came_from.path == reverse("view-page", args=[pk])
        request.GET = QueryDict(came_from.query if is_view else "")  # as it was cut into pages
        rejection = rejection_of(task, form) | {"sent": request.POST, "here": here}
        return self.shown(view, lambda view, context: self.as_board(view, context | rejection))

    def move(self, task: Task, values: dict[str, Any]) -> Task:
        """Set the field."""
        on_subtasks = values.pop("on_subtasks", None)
        return update_task(actor=self.actor, task=task, changes=values, on_subtasks=on_subtasks, can_undo=True)


class EditViewPage(ViewForms):
    """Changes a view; a right filter repairs a broken one."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        view = find_saved_view(self.actor, pk)
        if not services.may_change(view, self.actor):
            raise ForbiddenError
        form = self.form(None, initial=initial_of(view))
        return self.page(form=form, view=view, place=view.fault and place_of_fault(view, self.actor))

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        view = find_saved_view(self.actor, pk)
        form = self.form(request.POST, initial=initial_of(view))

        def change(values: dict[str, Any]) -> SavedView:
            version = form.cleaned_data.get("version")
            expected = None if version is None else frozenset({version})
            return services.update_view(actor=self.actor, view=view, changes=values, expected=expected)

        if form.submit(change) is None:
            return self.page(form=form, view=view, place=form.place, status=form.http_status)
        messages.success(request, gettext("The view {name} is saved").format(name=view.name))
        return self.see(reverse("view-page", args=[pk]))


class FavouriteView(PageView):
    """Keeps a view at hand, or no more."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        view = find_saved_view(self.actor, pk)
        is_favourite = chosen_word(request, "is_favourite", ("true", "false"))
        services.set_favourite(actor=self.actor, view=view, is_favourite=is_favourite == "true")
        return self.see(own_path(request.POST.get("next"), default=reverse("views")))


class DeleteView(PageView):
    """Deletes a view; the tasks stay."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        view = find_saved_view(self.actor, pk)
        services.delete_view(actor=self.actor, view=view)
        messages.success(request, gettext("The view {name} is deleted").format(name=view.name))
        return self.see(reverse("views"))


def may_change(view: SavedView, person: User) -> bool:
    """Return whether to offer the person to change the view; the service has the last word."""
    return services.may_change(view, person) and not (view.is_shared and view.project and view.project.is_archived)


def grouped(tasks: list[Task], view: SavedView) -> list[tuple[str, list[Task]]]:
    """Return the tasks of a page in the groups of the view, each group once; a task with labels stands under each."""
    groups: dict[Any, list[Task]] = {}
    for task in tasks:
        for group in _groups_of(task, view.group_by):
            groups.setdefault(group, []).append(task)
    return list(zip(_names_of(list(groups), view.group_by), groups.values(), strict=True))


def initial_of(view: SavedView) -> dict[str, Any]:
    """Return what a form about the view begins with."""
    names = ("name", "ordering", "layout", "group_by", "is_shared", "version")
    return {name: getattr(view, name) for name in names} | {"project": view.project_id, "filter": view.shown_filter}


def _groups_of(task: Any, group_by: str | None) -> list[Any]:
    """Return the groups that a task stands in: people and projects themselves, since several may have one name."""
    if group_by == "label":
        return [name for _, name in task.carried] or [gettext("No label")]
    if group_by in {"assignee", "project"}:
        return [task.assigned_to if group_by == "assignee" else task.project]
    plain = {"status": task.get_status_display(), "priority": task.get_priority_display()}
    return [str(plain.get(group_by or "", ""))]


def _names_of(groups: list[Any], group_by: str | None) -> list[str]:
    """Return what the groups are called."""
    if group_by not in {"assignee", "project"}:
        return groups
    naming: Callable[[list[Any]], list[tuple[int, str]]] = (
        names_of_people if group_by == "assignee" else names_of_projects
    )
    names = dict(naming([each for each in groups if each]))
    return [names[each.pk] if each else gettext("Nobody") for each in groups]


def _ids(request: HttpRequest) -> list[int]:
    sent = [value for name in ("assigned_to", "created_by") for value in request.GET.getlist(name)]
    return [int(value) for value in sent if value.isdecimal() and len(value) < 19]

"""A project's board, and the one form by which a card moves: by menu, by keys, by dragging (PG10)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.urls import reverse
from django.utils.translation import gettext

from apps.common.errors import ConflictError, DomainError, ValidationError
from apps.common.language.problems import translated
from apps.projects.models import Project
from apps.projects.roles import Capability
from apps.tasks.models import Status, Task
from apps.tasks.serializers import PLACES
from apps.tasks.services import move_task
from apps.web.base.access import find_project, find_task
from apps.web.base.forms import UNPROCESSABLE, ServiceForm
from apps.web.base.paths import own_path
from apps.web.base.patience import within_filter_limit
from apps.web.base.views import PageView
from apps.web.tasks.forms import MoveForm, members_of
from apps.web.tasks.lists import BY_HAND
from apps.web.tasks.project_views import filters_of, frame_of, with_project
from apps.web.tasks.reading import TaskRows
from apps.web.tasks.undo_views import undo_of

CARDS = 50  # of a column; the list has the rest
FIRST = {"position": "first"}  # where a card stands in a column that was named without a place


@dataclass(frozen=True)
class Card:
    """A task with its neighbours in the column."""

    task: Task
    above: Task | None
    below: Task | None


class BoardPage(PageView):
    """The tasks of a project in four columns by status, in the order that people made by hand."""

    template_name = "web/tasks/board.html"

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        return self.board(find_project(self.actor, pk))

    @within_filter_limit
    def board(self, project: Project, *, status: int = 200, **more: Any) -> HttpResponse:
        """Return the board with the tasks that the query asks for; `more` says what went wrong."""
        self.request.GET = with_project(self.request, project)
        columns = TaskRows(self.request, BY_HAND[0]).read_columns(CARDS)
        shown = [(each, str(Status(each).label), _cards(tasks), count) for each, (tasks, count) in columns.items()]
        people = members_of(project)
        filters = filters_of(self.request, project, people=people, default_ordering=BY_HAND[0])
        here = reverse("project-board", args=[project.pk])
        back = f"{here}?{filters['bar'].others.removeprefix('&')}".removesuffix("?")
        frame = frame_of(project, people=people) | filters | {"here": here, "back": back, "layout": "board"}
        return self.page(status=status, columns=shown, **frame, **more)


class MoveTask(BoardPage):
    """Puts a task in a place of the order, perhaps in another column (RK2); names the result by title and place."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        task = find_task(self.actor, pk, capability=Capability.WRITE_TASKS)
        form = MoveForm(with_place(request.POST))
        moved = form.submit(lambda values: self.move(task, values))
        if moved is None:
            return self.rejected(task, form)
        messages.success(request, announced(moved), extra_tags=undo_of(moved))
        return self.see(own_path(request.POST.get("next"), default=reverse("project-board", args=[task.project_id])))

    def move(self, task: Task, values: dict[str, Any]) -> Task:
        """Move the task."""
        place, on_subtasks = values.pop("place"), values.pop("on_subtasks", None)
        return move_task(actor=self.actor, task=task, place=place, changes=values, on_subtasks=on_subtasks)

    def rejected(self, task: Task, form: ServiceForm) -> HttpResponse:
        """Return the board as it is now, with the reason; an anchor that moved has its own words."""
        project = find_project(self.actor, task.project_id)
        came_from = urlsplit(own_path(self.request.POST.get("next"), default=""))
        is_board = came_from.path == reverse("project-board", args=[project.pk])
        self.request.GET = QueryDict(came_from.query if is_board else "")  # as it was narrowed
        return self.board(project, sent=self.request.POST, **rejection_of(task, form))


def rejection_of(task: Task, form: ServiceForm) -> dict[str, Any]:
    """Return what a board says of a card that did not move: `status`, the `fault`, and the task that it `asks` about.

    An anchor that moved has its own words.
    """
    error: DomainError = form.rejection or ValidationError()
    details = [str(each) for errors in form.errors.values() for each in errors]
    fault = " ".join(details) or translated(error.detail)
    if error.code == "anchor_moved":
        moved = gettext(
            "Somebody moved the neighbour of {key} in the meantime. The columns are up to date now: move it again."
        )
        fault = moved.format(key=task.key)
    status = error.status if isinstance(error, ConflictError) else UNPROCESSABLE
    return {"status": status, "fault": fault, "asks": task if error.code == "open_subtasks" else None}


def with_place(sent: Any) -> Any:
    """Return the sent fields; a column that is named without a place means its beginning."""
    return sent if any(sent.get(name) for name in PLACES) else sent.dict() | FIRST


def announced(task: Task) -> str:
    """Return where the task stands now, as a sentence for people who do not see the board."""
    column = Task.objects.kept().filter(project=task.project_id, status=task.status, archived_at=None)
    place = column.filter(rank__lte=Task.objects.filter(pk=task.pk).values("rank")).count()
    said = gettext("{key} {title} is in {status}, {place} of {count}")
    values = {"key": task.key, "title": task.title, "status": task.get_status_display()}
    return said.format(**values, place=place, count=column.count())


def _cards(tasks: list[Task]) -> list[Card]:
    above, below = [None, *tasks[:-1]], [*tasks[1:], None]
    return [Card(*each) for each in zip(tasks, above, below, strict=True)] if tasks else []

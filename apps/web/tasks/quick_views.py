"""Quick add on the pages: one line that makes a task, and how it will be read (contract QA)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy

from apps.common.errors import DomainError
from apps.common.language.dates import written
from apps.common.language.problems import translated
from apps.projects.models import Project
from apps.tasks.models import Label, Task
from apps.tasks.quick.reading import Token
from apps.tasks.quick.services import QuickTask, quick_add
from apps.users.models import User
from apps.web.base.views import PageView
from apps.web.tasks.forms import QuickForm

NAMES = {
    "project": gettext_lazy("Project"),
    "labels": gettext_lazy("Label"),
    "assigned_to": gettext_lazy("For"),
    "priority": gettext_lazy("Priority"),
}


@dataclass(frozen=True)
class Chip:
    """A token as people see it; a ticked one stays text."""

    token: Token
    name: str
    value: str
    is_ignored: bool


def add_task(request: HttpRequest, form: QuickForm, *, actor: User, project: int | None, said: str) -> Task | None:
    """Create what the form's line says, and say so with `said` and every warning; None when it was rejected."""
    made: QuickTask | None = form.submit(
        lambda values: quick_add(actor=actor, project=project, now=timezone.localtime(), **values)
    )
    if made is None or made.task is None:
        return None
    messages.success(request, ". ".join([said.format(key=made.task.key), *map(translated, made.reading.warnings)]))
    return made.task


class QuickPreview(PageView):
    """The chips of a line: a dry run that the add bar asks for while somebody types."""

    http_method_names = ["post"]
    template_name = "web/parts/chips.html"

    def post(self, request: HttpRequest) -> HttpResponse:
        form = QuickForm(request.POST)
        if not form.is_valid():
            return self.page(chips=[], warnings=[])
        values: dict[str, Any] = form.values
        ignored = set(values.pop("ignore", ()))
        project = request.POST.get("project", "")
        try:
            read = quick_add(
                actor=self.actor,
                project=int(project) if project.isdecimal() and len(project) < len(str(2**63)) else None,
                now=timezone.localtime(),
                **values | {"dry_run": True},
            ).reading
        except DomainError:  # the form itself says why when it is sent
            return self.page(chips=[], warnings=[])
        chips = [_chip(token, is_ignored=token.position in ignored) for token in read.tokens]
        return self.page(chips=chips, warnings=read.warnings)


def _chip(token: Token, *, is_ignored: bool) -> Chip:
    return Chip(token, str(NAMES.get(token.field, gettext_lazy("Due"))), _shown(token), is_ignored)


def _shown(token: Token) -> str:
    """Return a value as people read it; times are in the reader's zone."""
    if token.field == "due_on":
        return written(date.fromisoformat(token.value), "D j M Y")
    if token.field == "due_date":
        return written(timezone.localtime(datetime.fromisoformat(token.value)), "D j M Y, H:i")
    found: Any = None
    if token.field == "project":
        found = Project.objects.filter(pk=token.value).values_list("name", flat=True).first()
    elif token.field == "labels" and isinstance(token.value, int):
        found = Label.objects.filter(pk=token.value).values_list("name", flat=True).first()
    elif token.field == "assigned_to":
        person = User.objects.filter(pk=token.value).first()
        found = person and person.shown_name
    return str(found or token.value)

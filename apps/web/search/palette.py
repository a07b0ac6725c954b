"""What the command palette finds: acts on a task, tasks by words, and places; a page of its own without JavaScript."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext, gettext_lazy

from apps.common.text.normal_form import normal_form
from apps.common.text.sorting import SortKey
from apps.projects.models import Project
from apps.tasks.filtering.parsing import UNSTORABLE
from apps.tasks.models import SavedView, Task
from apps.tasks.search import Search, search_tasks
from apps.web.base.access import find_task
from apps.web.base.views import PageView
from apps.web.tasks.choose_views import TITLES
from apps.web.tasks.task_views import may_write

SHOWN = 8  # of each group
WORDS_MAX = 200  # characters
PLACES = (
    (gettext_lazy("My day"), "landing", "sun"),
    (gettext_lazy("Notifications"), "notifications", "bell"),
    (gettext_lazy("Projects"), "projects", "project"),
    (gettext_lazy("Views"), "views", "star"),
    (gettext_lazy("Search"), "search", "search"),
    (gettext_lazy("New task"), "task-new", "plus"),
    (gettext_lazy("New project"), "project-new", "plus"),
    (gettext_lazy("Import"), "imports", "down-to"),
    (gettext_lazy("Trash"), "trash", "trash"),
    (gettext_lazy("Settings"), "settings", "settings"),
)


@dataclass(frozen=True)
class Way:
    """A line of the palette."""

    name: str
    path: str
    icon: str
    key: str = ""


class PalettePage(PageView):
    """Finds by words; `task` is the one that acts are for."""

    template_name = "web/palette.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        words = request.GET.get("q", "").strip()[:WORDS_MAX]
        words = "" if UNSTORABLE.search(words) else words
        named = request.GET.get("task", "")
        task = find_task(self.actor, int(named)) if named.isdecimal() and len(named) < 19 else None
        return self.page(
            words=words,
            task=task,
            acts=_matching(acts_on(task), words) if task else [],
            tasks=self.tasks(words),
            places=_matching(self.places(), words)[:SHOWN],
        )

    def tasks(self, words: str) -> list[Task]:
        """Return tasks that have the words, the last changed first."""
        if not words:
            return []
        visible = Task.objects.visible_to(self.actor).filter(archived_at=None).select_related("project")
        return list(search_tasks(visible, Search.parse(words)).order_by("-updated_at", "-pk")[:SHOWN])

    def places(self) -> list[Way]:
        """Return where the person can go."""
        fixed = [Way(str(name), reverse(route), icon) for name, route, icon in PLACES]
        views = SavedView.objects.visible_to(self.actor).order_by(SortKey("name"), "pk")[:100]
        projects = Project.objects.visible_to(self.actor).active().order_by("-is_inbox", SortKey("name"), "pk")[:200]
        fixed += [Way(each.name, reverse("project", args=[each.pk]), "project", each.key) for each in projects]
        return fixed + [Way(each.name, reverse("view-page", args=[each.pk]), "star") for each in views]


def acts_on(task: Task) -> list[Way]:
    """Return what the reader may do with a task, each as a page of its own."""
    opened = Way(gettext("Open {key}").format(key=task.key), reverse("task-page", args=[task.pk]), "full")
    if not may_write(task):
        return [opened]
    choose = reverse("task-choose", args=[task.pk])
    keys = dict(zip(TITLES, "spaldm", strict=True))
    named = [(gettext("{title} of {key}").format(title=title, key=task.key), field) for field, title in TITLES.items()]
    return [*(Way(name, f"{choose}?field={field}", "edit", keys[field]) for name, field in named), opened]


def _matching(ways: list[Way], words: str) -> list[Way]:
    """Return the ways that have all words in their name or key."""
    wanted = normal_form(words).split()
    return [way for way in ways if all(each in normal_form(f"{way.name} {way.key}") for each in wanted)]

"""What stands around every page: the person's projects and favourite views, and how much is new."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from django.http import HttpRequest

from apps.common.lists.criteria import USER
from apps.common.lists.kept import find_rows, statement
from apps.common.text.sorting import SortKey
from apps.notifications.models import Notification
from apps.notifications.scopes import readable
from apps.projects.models import Project
from apps.tasks.models import SavedView
from apps.tasks.saved_views.counting import count_of
from apps.users.models import User

PROJECTS_SHOWN = 30
VIEWS_SHOWN = 8  # each is counted


@dataclass
class Shell:
    """The frame of a signed-in person's page: three statements, and one for each favourite view.

    `path` is the page's own.
    """

    person: User
    path: str

    @classmethod
    def of(cls, request: HttpRequest) -> Shell:
        """Return the frame around what `request` is answered."""
        assert isinstance(request.user, User)  # noqa: S101 - only pages of a session have a frame
        return cls(request.user, request.path)

    @property
    def live(self) -> str:
        """Return how the page follows what others do: `stream`, `poll`, or an empty string for not at all."""
        mode: str = settings.PAGES_LIVE
        return "" if mode == "off" else mode

    @cached_property
    def projects(self) -> list[Project]:
        """Return the active projects, the Inbox first, then by name."""
        return find_rows("frame projects", _projects, {"user": self.person.pk})

    @cached_property
    def views(self) -> list[tuple[SavedView, int | None]]:
        """Return the favourite views by name, each with how many tasks it finds; None for one that does not run."""
        kept = find_rows("frame views", _views, {"user": self.person.pk})
        return [(view, count_of(view, self.person)) for view in kept]

    @cached_property
    def unread(self) -> int:
        """Return how many notifications are unread."""
        found = statement(("frame unread",), _unread, is_count=True).run({"user": self.person.pk})
        return int(found[0][0])


def _projects() -> QuerySet[Project]:
    return Project.objects.visible_to(USER).active().order_by("-is_inbox", SortKey("name"), "pk")[:PROJECTS_SHOWN]


def _views() -> QuerySet[SavedView]:
    favourites = SavedView.objects.visible_to(USER).filter(favourites__user=USER)
    return favourites.order_by(SortKey("name"), "pk")[:VIEWS_SHOWN]


def _unread() -> QuerySet[Any, Any]:
    return Notification.objects.of(USER).filter(readable(USER)).unread().values_list("pk")

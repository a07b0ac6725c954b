"""What stands around every page: the person's projects, and how much is new."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from django.http import HttpRequest

from apps.common.text.sorting import SortKey
from apps.notifications.models import Notification
from apps.notifications.scopes import readable
from apps.projects.models import Project
from apps.users.models import User

PROJECTS_SHOWN = 30


@dataclass
class Shell:
    """The frame of a signed-in person's page, in two statements; `path` is the page's own."""

    person: User
    path: str

    @classmethod
    def of(cls, request: HttpRequest) -> Shell:
        """Return the frame around what `request` is answered."""
        assert isinstance(request.user, User)  # noqa: S101 - only pages of a session have a frame
        return cls(request.user, request.path)

    @cached_property
    def projects(self) -> list[Project]:
        """Return the active projects, the Inbox first, then by name."""
        visible = Project.objects.visible_to(self.person).active().order_by("-is_inbox", SortKey("name"), "pk")
        return list(visible[:PROJECTS_SHOWN])

    @cached_property
    def unread(self) -> int:
        """Return how many notifications are unread."""
        return Notification.objects.of(self.person).filter(readable(self.person)).unread().count()

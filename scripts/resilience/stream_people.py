"""Who listens in the drill of the live stream."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from scripts.resilience.traffic import make_cast


@dataclass(frozen=True)
class People:
    """The owner's access token and page cookie, the members with theirs, and the project they share."""

    owner: str
    cookie: str
    members: list[int]
    tokens: list[str]
    project: int


def make_people(count: int) -> People:
    """Make a project with `count` members; Django must be open in this process."""
    from django.utils import timezone

    from apps.projects.models import Project
    from apps.users.credentials.tokens import AccessToken
    from apps.users.models import Session
    from apps.users.services.page_sessions import open_page_session

    accounts = make_cast("", people=count)
    project = Project.objects.select_related("owner").get(pk=accounts.project_id)
    _, cookie = open_page_session(user=project.owner, ip_address="127.0.0.1", device="drill")
    end = timezone.now() + timedelta(days=1)
    sessions = [Session.objects.create(user_id=pk, expires_at=end) for pk in (project.owner_id, *accounts.people)]
    owner, *tokens = (AccessToken.of(session) for session in sessions)
    return People(owner, cookie, accounts.people, tokens, project.pk)

"""The Inbox: each person's own project, there from the first use on."""

from __future__ import annotations

from django.db import IntegrityError, transaction

from apps.common.errors import ConflictError
from apps.common.transactions import write
from apps.projects.models import Project
from apps.projects.services.creation import insert_project
from apps.users.models import User

NAME, KEY = "Inbox", "INBOX"


@write
def ensure_inbox(user: User) -> Project:
    """Return the person's Inbox, made now if it is not there; parallel callers get the same one."""
    inbox = _inbox_of(user)
    if inbox is not None:
        return inbox
    try:
        with transaction.atomic():
            return _insert(user)
    except IntegrityError:
        inbox = _inbox_of(user)  # somebody else's insert has just won
        if inbox is None:
            raise
        return inbox


def _inbox_of(user: User) -> Project | None:
    return Project.objects.filter(owner=user, is_inbox=True).first()


def _insert(user: User) -> Project:
    try:
        return insert_project(owner=user, name=NAME, key=KEY, is_inbox=True)
    except ConflictError:  # the person named a project of their own so
        return insert_project(owner=user, name=NAME, is_inbox=True)

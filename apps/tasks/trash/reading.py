"""The trash entries that a person may know of, and those they may restore."""

from __future__ import annotations

from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery

from apps.projects.models import TrashEntry
from apps.projects.reach import of_member
from apps.projects.roles import Role
from apps.tasks.models import Task
from apps.users.models import User


def entries_of(user: User) -> QuerySet[TrashEntry]:
    """Return the entries of the user's projects, each with their `role` there and the root's number and title."""
    root = Task.objects.filter(pk=OuterRef("root_id"))
    entries = TrashEntry.objects.filter(of_member(user, "project__")).annotate(
        role=F("project__memberships__role"),
        root_number=Subquery(root.values("number")[:1]),
        root_title=Subquery(root.values("title")[:1]),
    )
    return entries.select_related("project", "deleted_by")


def restorable_by(user: User) -> Q:
    """Return the condition that `user`, whose `role` in the project is annotated, may restore an entry."""
    created = Task.objects.filter(pk=OuterRef("root_id"), created_by=user)
    own = Q(role=Role.MEMBER) & (Q(deleted_by=user) | Exists(created))
    of_task = Q(type=TrashEntry.Type.TASK, project__trash=None) & (Q(role__in=(Role.ADMIN, Role.OWNER)) | own)
    return of_task | Q(type=TrashEntry.Type.PROJECT, role=Role.OWNER)

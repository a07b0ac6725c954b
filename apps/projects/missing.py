"""Why a project is missing: a member who asks for something in the trash learns where it is (contract H6)."""

from __future__ import annotations

from typing import Any

from apps.common.errors import NotFoundError
from apps.projects.models import Project
from apps.projects.reach import of_member


def in_trash(trash_id: int) -> NotFoundError:
    """Return the answer to a member who asks for what lies in this trash entry."""
    return NotFoundError("It is in the trash.", code="in_trash", extra={"trash_id": trash_id})


def project_in_trash(user: Any, project_id: int) -> NotFoundError | None:
    """Return that answer when the project is in the trash and `user` is one of its members, else None."""
    found = Project.objects.filter(of_member(user), pk=project_id, trash__isnull=False)
    trash_id = found.values_list("trash_id", flat=True).first()
    return None if trash_id is None else in_trash(trash_id)

"""Which projects are within a person's reach: the only place that says so.

Those they are a member of; through an API token that is limited to projects, those of them that it lists (contract
TK3).
Whatever stands in a project asks the same with the path to its project.
"""

from __future__ import annotations

from typing import Any

from django.db.models import Expression, Q

from apps.common.origin import listed_projects
from apps.common.sql.statements import LISTED_PROJECTS, AnyOf


def of_member(user: Any, path: str = "") -> Q:
    """Return the condition that the project at the end of `path` (`project__`) is within reach of `user`.

    For one `filter()` call, which joins the membership once: its role is `{path}memberships__role`.
    """
    return Q(**{f"{path}memberships__user": user}) & within_reach(user, f"{path}pk")


def within_reach(user: Any, column: str) -> Q:
    """Return the condition that an API token of `user` reaches the project whose id is in `column`."""
    listed = listed_projects(user)
    if listed is None:
        return Q()
    return Q(AnyOf(column, LISTED_PROJECTS)) if isinstance(user, Expression) else Q(**{f"{column}__in": listed})

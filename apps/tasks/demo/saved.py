"""Saved views of the demo, kept through the services."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from apps.projects.models import Project
from apps.tasks.filtering.json_form import as_json
from apps.tasks.filtering.parsing import parse
from apps.tasks.models import GroupBy, Layout
from apps.tasks.saved_views.services import create_view, set_favourite
from apps.users.models import User

PROJECTS = 3  # with shared views
# Filters without names of people, projects or tasks, which are kept as they are written
PERSONAL = (
    ("My week", {"filter": "assignee = me and due < today+7d", "ordering": "due_date"}),
    ("Waiting for others", {"filter": "creator = me and assignee != me and not (status = done)"}),
)
SHARED = (
    ("Urgent, by status", {"filter": "priority = urgent", "layout": Layout.BOARD, "group_by": GroupBy.STATUS}),
    ("Late or blocked", {"filter": "overdue or blocked", "ordering": "due_date"}),
    ("What is due", {"filter": "due is not empty and status < done", "layout": Layout.CALENDAR}),
)


def keep_views(projects: Sequence[Project], people: Iterable[User]) -> None:
    """Give each of the people views of their own, the first at hand, and the first projects shared ones."""
    for person in people:
        kept = [create_view(actor=person, name=name, **_with_ast(fields)) for name, fields in PERSONAL]
        set_favourite(actor=person, view=kept[0], is_favourite=True)
    for project in projects[:PROJECTS]:
        for name, fields in SHARED:
            create_view(actor=project.owner, name=name, project_id=project.pk, is_shared=True, **_with_ast(fields))


def _with_ast(fields: dict[str, Any]) -> dict[str, Any]:
    return {**fields, "ast": as_json(parse(fields["filter"]))}

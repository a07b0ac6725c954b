"""Choices by name: what shares its name with another is followed by a mark that only it has."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from django.utils.text import Truncator
from django.utils.translation import gettext

from apps.common.text.normal_form import normal_form
from apps.projects.models import Project
from apps.tasks.models import SavedView
from apps.users.models import User

FILTER_SHOWN = 60  # characters


def distinct_names(rows: Iterable[tuple[int, str, str]]) -> list[tuple[int, str]]:
    """Return (id, name) for rows of (id, name, mark); a name that several have is followed by the row's mark."""
    kept = list(rows)
    times = Counter(normal_form(name) for _, name, _ in kept)
    return [(pk, f"{name} ({mark})" if times[normal_form(name)] > 1 else name) for pk, name, mark in kept]


def names_of_projects(projects: Iterable[Project]) -> list[tuple[int, str]]:
    """Return (id, name) of projects; those of one name with their keys."""
    return distinct_names((each.pk, each.name, each.key) for each in projects)


def names_of_people(people: Iterable[User]) -> list[tuple[int, str]]:
    """Return (id, how they are called) of people; those of one name with their usernames."""
    return distinct_names((each.pk, each.shown_name, each.username) for each in people)


def names_of_views(views: Iterable[SavedView]) -> list[tuple[int, str]]:
    """Return (id, name) of views whose filters are presented; those of one name with their project and filter."""
    return distinct_names((each.pk, each.name, _finds(each)) for each in views)


def _finds(view: SavedView) -> str:
    """Return what a view finds: two of the same name for which this is the same find the same."""
    found = Truncator(view.shown_filter or gettext("every task")).chars(FILTER_SHOWN)
    return f"{view.project.key}: {found}" if view.project else found

"""What a person sees of the tasks, in the form that suits what a list asks for."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet

from apps.common.lists.criteria import Criteria
from apps.tasks.filters import Who
from apps.tasks.models import Task

PEOPLE = ("assigned_to", "created_by")  # filters that leave a person's tasks, each with an index
# With these alone a search in projects goes by its words, and a person's tasks by the person, whoever asks and wherever
ONE_PLAN = {"project", "status", "search", *PEOPLE}
CHEAP = {"project", "status", "priority"}  # filters that leave enough of what an index of a project gives
# Orders that such an index gives; nulls stand last in both directions, so that of due dates gives one
INDEXED = {"created_at", "-created_at", "due_date", "rank", "-rank", "title", "-title"}


class TaskScopeMixin:
    """For lists of tasks by TaskFilter, through their `scope()`; stands before the mixin that reads them."""

    def scope_of(self: Any, criteria: Criteria) -> QuerySet[Task]:
        """Return what the caller sees; tasks of people are found by the people, others by their projects."""
        if is_of_people(criteria):
            return Task.objects.found_visible_to(self.actor)
        scope: QuerySet[Task] = self.scope()
        return scope

    def comes_sorted(self: Any, criteria: Criteria, ordering: str) -> bool:
        """Return whether an index gives the tasks of one project in this order, so that nothing is sorted."""
        return criteria.names_only(*CHEAP) and len(criteria.cleaned["project"] or ()) == 1 and ordering in INDEXED

    def is_planned_once(self: Any, criteria: Criteria) -> bool:
        """Return whether the index of words, or that of a person's tasks, is right for whatever is in them."""
        is_of_words = bool(criteria.cleaned["search"] and criteria.cleaned["project"])
        return criteria.names_only(*ONE_PLAN) and (is_of_words or is_of_people(criteria))


def is_of_people(criteria: Criteria) -> bool:
    """Return whether all that is asked for is assigned to, or made by, certain people, and no project is named."""
    asked = criteria.cleaned
    composed = [one for one in (asked["filter"], asked["view"]) if one is not None]
    if asked["project"] or any(one.names_project for one in composed):
        return False
    named = any(asked[name] not in (None, Who.NOBODY) for name in PEOPLE)
    return named or any(one.names_people for one in composed)

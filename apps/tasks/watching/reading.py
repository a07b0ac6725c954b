"""Who watches a task, and what a person has chosen: read, never written."""

from __future__ import annotations

from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

from django.db.models import (
    BooleanField,
    Case,
    CharField,
    Count,
    DateTimeField,
    Exists,
    Expression,
    ExpressionWrapper,
    F,
    FilteredRelation,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)
from django.db.models.functions import Coalesce

from apps.common.lists.criteria import USER
from apps.common.lists.kept import find_rows, statement
from apps.common.sql.statements import Parameter
from apps.projects.models import Membership
from apps.tasks.models import Task, Watch, WatchLevel, WatchReason, watched_by
from apps.users.models import User

DEFAULT_LEVEL = WatchLevel.PARTICIPATING  # of a project, for who has not chosen

# What `watchers_of` asks a task for, to be bound when the statement runs
ANY_TASK = SimpleNamespace(
    pk=Parameter("pk"),
    project_id=Parameter("project"),
    assigned_to_id=Parameter("assignee"),
    created_by_id=Parameter("creator"),
    created_at=Parameter("created_at", DateTimeField()),
)


@dataclass(frozen=True)
class WatchState:
    """What a person hears of a task; `level` is None while they have made no choice of their own."""

    level: str | None
    is_watching: bool
    reason: str | None
    project_level: str


def watch_state(user: User, task: Task) -> WatchState:
    """Return the state of a member, in one query."""
    rows = statement(("watch state",), _state).run({"user": user.pk, "task": task.pk})
    assignee, creator, is_watching, level, chosen, of_project = rows[0]
    reasons = (
        (assignee == user.pk, WatchReason.ASSIGNED.value),
        (creator == user.pk, WatchReason.CREATED.value),
        (chosen is not None, chosen),
    )
    # Whoever hears all of the project has chosen so.
    reason = next((name for holds, name in reasons if holds), WatchReason.SELF.value)
    return WatchState(level, is_watching, reason if is_watching else None, of_project)


def _state() -> QuerySet[Task, Any]:
    own = Watch.objects.filter(task=OuterRef("pk"), user=USER)
    return (
        Task.objects.filter(pk=Parameter("task"))
        .annotate(
            watching=ExpressionWrapper(watched_by(USER), BooleanField()),
            level=Subquery(own.values("level")),
            reason=Subquery(own.values("reason")),
            project_level=_project_level(USER, "project_id"),
        )
        .values_list("assigned_to", "created_by", "watching", "level", "reason", "project_level")
    )


def project_level(user: User, project_id: int) -> str:
    """Return what a person hears of a project."""
    rows = Watch.objects.of_projects().filter(user=user, project=project_id).values_list("level", flat=True)
    return rows.first() or DEFAULT_LEVEL.value


def project_level_sql(user: Any, path: str) -> Expression:
    """Return the level of the project at `path` for `user`, for a queryset of what belongs to it."""
    return _project_level(user, f"{path}pk")


def is_watching_sql(user: Any, path: str) -> Expression:
    """Return whether `user` watches the task at `path`."""
    return ExpressionWrapper(watched_by(user, path), output_field=BooleanField())


def watchers_count_sql(path: str) -> Expression:
    """Return how many people the list of the task's watchers has."""
    rows = Watch.objects.filter(task=OuterRef(f"{path}pk"), level=WatchLevel.ALL)
    theirs = Q(user=OuterRef(f"{path}assigned_to_id")) | Q(user=OuterRef(f"{path}created_by_id"))
    chosen = Watch.objects.filter(task=OuterRef(OuterRef(f"{path}pk")), user=OuterRef("user_id"))
    members = Membership.objects.filter(theirs, ~Exists(chosen), project=OuterRef(f"{path}project_id"))
    return _count(rows, "task") + _count(members, "project")


def watchers_of(task: Any) -> QuerySet[Membership]:
    """Return the members who watch the task, with the strongest `reason`, `since` and `added_by_id` (WA5).

    Levels of projects are nobody else's business, so who watches by one alone is not among them. In a statement that
    is kept the task is ANY_TASK.
    """
    is_assignee, is_creator = Q(user=task.assigned_to_id), Q(user=task.created_by_id)
    rows = Membership.objects.filter(project=task.project_id).annotate(
        own=FilteredRelation("user__watches", condition=Q(user__watches__task=task.pk))
    )
    listed = Q(own__level=WatchLevel.ALL) | (Q(own__id=None) & (is_assignee | is_creator))
    return (
        rows.filter(listed)
        .annotate(
            reason=Case(
                When(is_assignee, then=Value(WatchReason.ASSIGNED.value)),
                When(is_creator, then=Value(WatchReason.CREATED.value)),
                default=F("own__reason"),
                output_field=CharField(),
            ),
            added_by_id=F("own__added_by_id"),
            since=Coalesce(F("own__created_at"), _expression(task.created_at), output_field=DateTimeField()),
        )
        .select_related("user")
    )


def watchers_by_date(task: Task) -> list[Membership]:
    """Return all who watch the task, as `watchers_of`, who began first at the head."""
    return find_rows("watchers of a task", _by_date, _values(task))


def watcher_of(task: Task, user_id: int) -> Membership | None:
    """Return the person as `watchers_of` does; None for who does not watch the task."""
    found = find_rows("a watcher of a task", _one, {**_values(task), "person": user_id})
    return found[0] if found else None


def _values(task: Task) -> dict[str, Any]:
    """Return the values of ANY_TASK."""
    return {
        "pk": task.pk,
        "project": task.project_id,
        "assignee": task.assigned_to_id,
        "creator": task.created_by_id,
        "created_at": task.created_at,
    }


def _one() -> QuerySet[Membership]:
    return watchers_of(ANY_TASK).filter(user=Parameter("person"))


def _by_date() -> QuerySet[Membership]:
    watchers: Any = watchers_of(ANY_TASK)  # with `since`
    found: QuerySet[Membership] = watchers.order_by("since", "pk")
    return found


def _expression(value: Any) -> Any:
    return value if hasattr(value, "resolve_expression") else Value(value)


def _project_level(user: Any, column: str) -> Expression:
    rows = Watch.objects.of_projects().filter(user=user, project=OuterRef(column))
    return Coalesce(Subquery(rows.values("level")), Value(DEFAULT_LEVEL.value), output_field=CharField())


def _count(rows: QuerySet[Any], column: str) -> Expression:
    counted = rows.order_by().values(column).annotate(number=Count("pk")).values("number")
    return Coalesce(Subquery(counted), 0, output_field=IntegerField())

"""Tasks of all kinds, and random bulk changes of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from django.db import transaction
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from apps.batches.models import Action, Mode
from apps.projects.models import Project
from apps.projects.tests.factories import MembershipFactory, ProjectFactory
from apps.tasks.bulk.orders import Order
from apps.tasks.bulk.work import Options
from apps.tasks.labels.services import create_label
from apps.tasks.models import Label, Task
from apps.tasks.services import archive_task, delete_task, update_task
from apps.tasks.tests.factories import TaskFactory
from apps.users.models import User
from apps.users.tests.factories import UserFactory


@dataclass(frozen=True)
class World:
    """`actor` is a member of `project` and `target`, and a viewer of a third one; `tasks` are in all of them."""

    actor: User
    colleague: User
    project: Project
    target: Project
    labels: list[Label]
    tasks: list[int]


@dataclass(frozen=True)
class Change:
    """A bulk change, as the service takes it."""

    ids: list[int]
    order: Order
    options: Options


def build_world(**fields: Any) -> World:
    """Return two trees, blocked, done, archived, labelled and dated tasks, and ones that cannot be written or seen."""
    actor, colleague = UserFactory(timezone="Asia/Kathmandu"), UserFactory(timezone="America/New_York")
    project, target, viewed = (ProjectFactory(**fields) for _ in range(3))
    for each, role in ((project, "member"), (target, "member"), (viewed, "viewer")):
        MembershipFactory(project=each, user=actor, role=role)
    MembershipFactory(project=project, user=colleague, role="member")
    labels = [create_label(actor=project.owner, project_id=project.pk, name=name) for name in ("bug", "Ärger", "z")]

    def task(place: Project = project, **own: Any) -> Task:
        return TaskFactory(project=place, created_by=actor, **own)

    root = task()
    child = task(parent=root, status="in_progress", assigned_to=colleague)
    grandchild = task(parent=child, status="done")
    other = task(priority="high", due_date=datetime(2026, 12, 1, 9, tzinfo=UTC))
    below = task(parent=other)
    marked, archived, trashed = task(), task(), task()
    update_task(actor=actor, task=marked, changes={"labels": [labels[0].pk], "due_on": date(2026, 12, 24)})
    archive_task(actor=actor, task=archived)
    delete_task(actor=actor, task=trashed)
    rest = [task(target), task(viewed), TaskFactory(), trashed]
    every = [root, child, grandchild, other, below, marked, archived, *rest]
    return World(actor, colleague, project, target, labels, [each.pk for each in every])


def changes_of(world: World) -> st.SearchStrategy[dict[str, Any]]:
    """Draw what `update` sets."""
    labels = st.lists(st.sampled_from([label.pk for label in world.labels]), unique=True, max_size=2)
    fields: dict[str, st.SearchStrategy[Any]] = {
        "title": st.sampled_from(["One", "Two"]),
        "status": st.sampled_from(["todo", "in_progress", "done", "done"]),
        "priority": st.sampled_from(["low", "high"]),
        "assigned_to": st.sampled_from([world.actor.pk, world.colleague.pk, None, 2**40]),
        "due_on": st.sampled_from([date(2026, 12, 24), date(2027, 1, 1), None]),
        "due_date": st.sampled_from([datetime(2026, 12, 1, 9, tzinfo=UTC), None]),
        "duration": st.sampled_from([5, None]),
        "labels_add": labels,
        "labels_remove": labels,
        "parent": st.sampled_from([None, *world.tasks[:5]]),
        "on_subtasks": st.sampled_from(["leave", "complete", "reject"]),
    }
    return st.lists(st.sampled_from(sorted(fields)), unique=True, min_size=1, max_size=3).flatmap(
        lambda names: st.fixed_dictionaries({name: fields[name] for name in names})
    )


def bulk_changes(world: World, *, mode: Mode | None = None) -> st.SearchStrategy[Change]:
    """Draw bulk changes of the world's tasks."""
    updates = st.builds(Order, st.just(Action.UPDATE), changes_of(world), versions=_versions(world))
    moves = st.builds(Order, st.just(Action.MOVE), st.just({"project": world.target.pk}), versions=_versions(world))
    choices = st.sampled_from([{}, {"on_subtasks": "complete"}, {"on_subtasks": "reject"}])
    completions = st.builds(Order, st.just(Action.COMPLETE), choices)
    others = st.builds(Order, st.sampled_from([Action.ARCHIVE, Action.UNARCHIVE, Action.DELETE]))
    return st.builds(
        Change,
        st.lists(st.sampled_from(world.tasks), unique=True, min_size=1, max_size=8),
        st.one_of(updates, updates, completions, others, moves),
        st.builds(Options, st.sampled_from(Mode) if mode is None else st.just(mode)),
    )


def _versions(world: World) -> st.SearchStrategy[dict[int, int]]:
    return st.dictionaries(st.sampled_from(world.tasks), st.sampled_from([1, 1, 2]), max_size=2)


def with_random_changes(
    world: World, check: Callable[[Change], None], *, examples: int, mode: Mode | None = None
) -> None:
    """Check so many random changes, each rolled back."""

    @settings(
        max_examples=examples,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.generate],  # rows are slow to shrink, and the changes are small
        suppress_health_check=list(HealthCheck),
    )
    @given(change=bulk_changes(world, mode=mode))
    def run(change: Change) -> None:
        with transaction.atomic():
            check(change)
            transaction.set_rollback(True)

    run()

"""Trees changed at the same instant, each act on a connection of its own (contract ST4 to ST6). Prints its figures."""

from __future__ import annotations

from collections import Counter
from random import Random

import pytest

from apps.common.tests.races import at_once, in_lanes, statuses
from apps.projects.roles import Role
from apps.projects.tests.factories import MembershipFactory, ProjectFactory
from apps.tasks.models import Relation, Task
from apps.tasks.subtasks import placing
from apps.tasks.subtasks.tests.tree_helpers import assert_counted, chain, url
from apps.tasks.tests.factories import TaskFactory

pytestmark = pytest.mark.django_db(transaction=True)
LANES = 8
ROUNDS = [20, pytest.param(120, marks=pytest.mark.slow)]  # acts of a lane


@pytest.fixture(autouse=True)
def _no_limits(settings):
    settings.THROTTLE_RATES = dict.fromkeys(settings.THROTTLE_RATES, "1000000/60")


def circles_and_depth():
    """Return how many tasks stand in a circle of parents, and how deep the deepest one stands."""
    parents = dict(Task.objects.values_list("pk", "parent_id"))
    circles, deepest = 0, 0
    for task_id in parents:
        seen, above = {task_id}, parents[task_id]
        while above is not None and above not in seen:
            seen.add(above)
            above = parents[above]
        circles += above is not None
        deepest = max(deepest, len(seen) - 1)
    return circles, deepest


@pytest.mark.parametrize("rounds", ROUNDS)
def test_st6_eight_connections_that_give_tasks_other_parents_close_no_circle(api, project, rounds):
    people = [MembershipFactory(project=project, role=Role.MEMBER).user for _ in range(LANES)]
    tasks = [TaskFactory(project=project).pk for _ in range(12)]
    answers: Counter[str] = Counter()

    def lane(number):
        dice, client = Random(number), api(people[number])
        for _ in range(rounds):
            task, parent = dice.sample(tasks, 2)
            yield lambda t=task, p=parent: note(client.patch(f"/api/tasks/{t}/", {"parent": p}))
            if dice.random() < 0.2:
                yield lambda t=task: note(client.patch(f"/api/tasks/{t}/", {"parent": None}))
            if dice.random() < 0.2:
                yield lambda t=task: note(client.post("/api/tasks/", {"title": "x", "parent": t}))

    def note(response):
        answers[response.json().get("code", str(response.status_code))] += 1

    in_lanes(*[lane(number) for number in range(LANES)])

    circles, deepest = circles_and_depth()
    print(f"\nre-parenting, {LANES} connections, {rounds} rounds: cycles {circles}, deepest {deepest}, {dict(answers)}")
    assert circles == 0
    assert deepest <= 5
    assert set(answers) <= {"200", "201", "cycle", "too_deep"}
    assert_counted()


def test_st6_two_tasks_that_become_each_others_parent_at_once_do_not_both(api, project, member):
    rounds, first, second = 15, api(member), api(project.owner)
    for _ in range(rounds):
        one, other = TaskFactory(project=project), TaskFactory(project=project)
        results = at_once(
            lambda o=one, p=other: first.patch(url(o), {"parent": p.pk}),
            lambda o=other, p=one: second.patch(url(o), {"parent": p.pk}),
        )
        assert statuses(results) == [200, 409]
    circles, _ = circles_and_depth()
    print(f"\neach other's parent at once, {rounds} rounds: cycles {circles}")
    assert circles == 0


def test_de5_a_parent_and_a_block_across_projects_close_no_circle_together(api, owner, project):
    """The child is finished before its parent: parent blocks X, X blocks child would be a circle."""
    elsewhere, first, second = ProjectFactory(owner=owner), api(owner), api(owner)
    for _ in range(8):
        parent, child, between = (
            TaskFactory(project=project),
            TaskFactory(project=project),
            TaskFactory(project=elsewhere),
        )
        made = first.post(url(parent, "relations"), {"kind": "blocks", "task": between.pk})
        assert made.status_code == 201
        results = at_once(
            lambda c=child, p=parent: first.patch(url(c), {"parent": p.pk}),
            lambda c=child, b=between: second.post(url(b, "relations"), {"kind": "blocks", "task": c.pk}),
        )
        codes = statuses(results)
        assert codes in ([200, 409], [201, 409]), codes
        stands = Task.objects.filter(pk=child.pk, parent=parent).count()
        assert stands + Relation.objects.filter(from_task=between, to_task=child).count() == 1


def test_st5_the_last_place_under_a_parent_is_given_once(api, project, member, monkeypatch):
    monkeypatch.setattr(placing, "MAX_CHILDREN", 3)
    root = TaskFactory(project=project)
    clients = [api(member) for _ in range(LANES)]

    results = at_once(*[lambda c=c: c.post("/api/tasks/", {"title": "x", "parent": root.pk}) for c in clients])

    assert statuses(results) == [201] * 3 + [409] * 5
    assert_counted()


def test_cascades_and_single_acts_at_once_leave_true_counts_and_no_active_task_under_an_archived_one(
    api, owner, project
):
    target = ProjectFactory(owner=owner, key="MOB")
    roots = [chain(project, 4) for _ in range(3)]
    tasks = [task.pk for tree in roots for task in tree]
    answers: Counter[str] = Counter()

    def note(response):
        assert response.status_code < 500, response.content
        answers[str(response.status_code)] += 1

    def lane(number):
        dice, client = Random(number), api(owner)
        for _ in range(12):
            path = f"/api/tasks/{dice.choice(tasks)}"
            act = dice.choice(["archive", "unarchive", "complete", "reopen", "move", "create", "delete", "root"])
            if act in ("archive", "unarchive"):
                yield lambda p=path, a=act: note(client.post(f"{p}/{a}/"))
            elif act in ("complete", "reopen"):
                body = {"status": "done" if act == "complete" else "todo", "on_subtasks": "complete"}
                yield lambda p=path, b=body: note(client.patch(f"{p}/status/", b))
            elif act == "move":
                place = dice.choice([project.pk, target.pk])
                yield lambda p=path, t=place: note(client.patch(f"{p}/", {"project": t}))
            elif act == "root":
                yield lambda p=path: note(client.patch(f"{p}/", {"parent": None}))
            elif act == "create":
                yield lambda p=path: note(client.post("/api/tasks/", {"title": "x", "parent": int(p.split("/")[-1])}))
            elif dice.random() < 0.3:
                yield lambda p=path: note(client.delete(f"{p}/"))

    in_lanes(*[lane(number) for number in range(LANES)])

    wrong = Task.objects.filter(archived_at=None, trash=None, parent__archived_at__isnull=False).count()
    loose = Task.objects.filter(trash=None, parent__trash__isnull=False).count()
    print(
        f"\nacts on trees, {LANES} connections: {dict(answers)}; active under archived {wrong}, under trashed {loose}"
    )
    assert (wrong, loose) == (0, 0)
    assert_counted()

"""Relations written at the same instant, each on a connection of its own."""

from __future__ import annotations

from collections import Counter
from functools import partial
from random import Random

import pytest

from apps.common.tests.races import at_once, in_lanes, statuses
from apps.notifications.models import Notification
from apps.projects.models import Activity, Membership
from apps.projects.roles import Role
from apps.projects.tests.factories import MembershipFactory, ProjectFactory
from apps.tasks.models import Relation, Task
from apps.tasks.relations.services import writing
from apps.tasks.relations.tests.relation_helpers import relate, url
from apps.tasks.tests.factories import TaskFactory
from apps.users.tests.factories import UserFactory

pytestmark = pytest.mark.django_db(transaction=True)
ROUNDS = 20


def board(*, projects):
    """Return that many people, each with a project of their own where the others read."""
    people = [UserFactory() for _ in range(projects)]
    made = [ProjectFactory(owner=person) for person in people]
    for project in made:
        for person in people:
            if person != project.owner:
                MembershipFactory(project=project, user=person, role=Role.VIEWER)
    return people, made


def find_circle(edges):
    """Return whether the pairs (earlier, later) have a circle: those without a way in are taken away."""
    left = set(edges)
    while True:
        later = {end for _, end in left}
        free = {edge for edge in left if edge[0] not in later}
        if not free:
            return bool(left)
        left -= free


def leads(edges, start, end):
    """Return whether the edges lead from `start` to `end`."""
    following = {}
    for earlier, later in edges:
        following.setdefault(earlier, set()).add(later)
    seen, waiting = {start}, [start]
    while waiting:
        for later in following.get(waiting.pop(), set()) - seen:
            seen.add(later)
            waiting.append(later)
    return end in seen


def all_edges():
    """Return the pairs (earlier, later) of both kinds."""
    blocks = Relation.objects.filter(kind="blocks").values_list("from_task_id", "to_task_id")
    parents = Task.objects.filter(parent__isnull=False).values_list("pk", "parent_id")
    return [*blocks, *parents]


def test_de5_four_people_close_a_circle_through_four_projects_at_the_same_instant(api):
    people, projects = board(projects=4)
    clients = [api(person) for person in people]
    circles, answers = 0, Counter()
    for _ in range(ROUNDS):
        tasks = [TaskFactory(project=project) for project in projects]
        following = [*tasks[1:], tasks[0]]
        found = at_once(
            *[
                lambda c=c, t=t, n=n: c.post(url(t), {"kind": "blocks", "task": n.pk})
                for c, t, n in zip(clients, tasks, following, strict=True)
            ]
        )
        answers[tuple(statuses(found))] += 1
        ids = {task.pk for task in tasks}
        circles += find_circle([edge for edge in all_edges() if edge[0] in ids])
        [rejected] = [one.json() for one in found if one.status_code == 409]
        assert (rejected["code"], len(rejected["path"])) == ("cycle", 5)
    print(f"four people, four projects, {ROUNDS} rounds: circles {circles}, answers {dict(answers)}")
    assert circles == 0
    assert answers == {(201, 201, 201, 409): ROUNDS}


def test_property_6_a_random_graph_of_eight_connections_has_no_circle(api):
    random = Random(11)
    people, projects = board(projects=4)
    tasks = [TaskFactory(project=project) for project in projects for _ in range(4)]
    tried, unparented = [], {task.pk for task in tasks}

    def link(client, first, second, kind, edge):
        tried.append((edge, client.post(url(first), {"kind": kind, "task": second.pk})))

    def place(client, child, parent):
        answer = client.patch(f"/api/tasks/{child.pk}/", {"parent": parent.pk})
        tried.append(((child.pk, parent.pk), answer))

    def lane(number):
        client, owner = api(people[number % 4]), people[number % 4]
        mine = [task for task in tasks if task.project.owner_id == owner.pk]
        for turn in range(25):
            first, second = random.choice(mine), random.choice(tasks)
            if first == second:
                continue
            if turn % 3 == 2 and (roots := [task for task in mine if task.pk in unparented]):
                child, parent = random.choice(roots), random.choice(mine)
                unparented.discard(child.pk)  # one try each: an edge that stands stays
                yield partial(place, client, child, parent)
                continue
            kind = random.choice(("blocks", "blocked_by"))
            edge = (first.pk, second.pk) if kind == "blocks" else (second.pk, first.pk)
            yield partial(link, client, first, second, kind, edge)

    in_lanes(*[list(lane(number)) for number in range(8)])

    edges = all_edges()
    rejected = [edge for edge, answer in tried if answer.status_code == 409 and answer.json()["code"] == "cycle"]
    needless = [edge for edge in rejected if edge[0] != edge[1] and not leads(edges, edge[1], edge[0])]
    parents = Task.objects.filter(parent__isnull=False).count()
    print(
        f"8 connections, {len(tried)} edges tried: {len(edges)} stand, {parents} of them parents, {len(rejected)} "
        f"rejected, circles {int(find_circle(edges))}, rejected without need {len(needless)}"
    )
    assert {answer.status_code for _, answer in tried} <= {200, 201, 409}
    assert {answer.json()["code"] for _, answer in tried if answer.status_code == 409} <= {"cycle", "too_deep"}
    assert not find_circle(edges)
    assert needless == []
    assert rejected
    assert parents


def test_de8_two_blockers_done_at_the_same_time_give_exactly_one(api):
    people, projects = board(projects=3)
    clients = [api(person) for person in people]
    for number in range(ROUNDS):
        first, second, blocked = (TaskFactory(project=project) for project in projects)
        for blocker in (first, second):
            relate(blocker, "blocks", blocked)

        closing = [
            lambda c=c, t=t: c.patch(f"/api/tasks/{t.pk}/status/", {"status": "done"})
            for c, t in zip(clients, (first, second), strict=False)
        ]
        assert statuses(at_once(*closing)) == [200, 200]
        assert Notification.objects.filter(kind="task_unblocked").count() == number + 1, number
    print(f"two blockers of two projects done at once, {ROUNDS} rounds: {ROUNDS} notifications")


@pytest.mark.parametrize("kind", ["relates", "blocks", "duplicates"])
def test_de1_the_same_relation_from_both_ends_at_once_is_one_row(api, kind):
    people, projects = board(projects=2)
    owner = people[0]
    back = {"relates": "relates", "blocks": "blocked_by", "duplicates": "duplicated_by"}[kind]
    Membership.objects.filter(project=projects[1], user=owner).update(role=Role.MEMBER)
    for _ in range(5):
        here, there = (TaskFactory(project=project) for project in projects)
        calls = [
            partial(api(owner).post, url(here), {"kind": kind, "task": there.pk}),
            partial(api(people[1]).post, url(there), {"kind": back, "task": here.pk}),
            partial(api(owner).post, url(there), {"kind": back, "task": here.pk}),
        ]
        assert statuses(at_once(*calls)) == [200, 200, 201]
        assert Relation.objects.of(here.pk).count() == 1


def test_de2_the_limit_holds_when_many_come_at_once(api, monkeypatch):
    monkeypatch.setattr(writing, "MAX_RELATIONS", 3)
    people, projects = board(projects=1)
    here = TaskFactory(project=projects[0])
    others = [TaskFactory(project=projects[0]) for _ in range(8)]
    clients = [api(people[0]) for _ in others]

    calls = [
        lambda c=c, o=o: c.post(url(here), {"kind": "relates", "task": o.pk})
        for c, o in zip(clients, others, strict=True)
    ]
    assert statuses(at_once(*calls)) == [201] * 3 + [409] * 5
    assert Relation.objects.of(here.pk).count() == 3


def test_de3_deleted_from_both_ends_at_once_it_goes_once(api):
    people, projects = board(projects=2)
    clients = [api(person) for person in people]
    for number in range(10):
        here, there = (TaskFactory(project=project) for project in projects)
        relation = relate(here, "blocks", there)

        calls = [partial(c.delete, url(t, relation)) for c, t in zip(clients, (here, there), strict=True)]
        assert statuses(at_once(*calls)) == [204, 404]
        for project in projects:
            gone = Activity.objects.filter(project=project, type="relation.deleted")
            assert gone.count() == number + 1


def test_a_task_that_moves_while_it_is_related_takes_the_relation_along(api):
    people, projects = board(projects=1)
    owner, home = people[0], projects[0]
    other_home, target = ProjectFactory(owner=owner), ProjectFactory(owner=owner)
    answers = Counter()
    for _ in range(10):
        here, there = TaskFactory(project=home), TaskFactory(project=other_home)
        found = at_once(
            partial(api(owner).post, url(here), {"kind": "blocks", "task": there.pk}),
            partial(api(owner).patch, f"/api/tasks/{there.pk}/", {"project": target.pk}),
            partial(api(owner).patch, f"/api/tasks/{here.pk}/", {"project": target.pk}),
        )
        answers[tuple(statuses(found))] += 1
        relation = Relation.objects.get(from_task=here)
        assert (relation.from_project_id, relation.to_project_id) == (target.pk, target.pk)
    print(f"related while both ends move, 10 rounds: {dict(answers)}")
    assert answers == {(200, 200, 201): 10}


def test_a_task_deleted_while_it_is_related_is_hidden_or_does_not_exist(api):
    people, projects = board(projects=1)
    owner = people[0]
    for _ in range(10):
        here, there = (TaskFactory(project=projects[0]) for _ in range(2))
        related, deleted = at_once(
            partial(api(owner).post, url(here), {"kind": "blocks", "task": there.pk}),
            partial(api(owner).delete, f"/api/tasks/{there.pk}/"),
        )
        assert deleted.status_code == 204
        assert related.status_code in (201, 400)
        assert Relation.objects.of(here.pk).count() == (related.status_code == 201)
        assert api(owner).get(url(here)).json()["results"] == []

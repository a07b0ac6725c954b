"""Moves of one project at the same instant, on connections of their own. Prints its figures."""

from __future__ import annotations

from collections import Counter
from functools import partial
from random import Random

import pytest

from apps.common.monitoring.request_id import request_id_of
from apps.common.tests.races import at_once, in_lanes
from apps.projects.models import Activity, Project
from apps.projects.tests.factories import ProjectFactory
from apps.tasks import services
from apps.tasks.models import Task
from apps.tasks.order.keys import LENGTH_MAX
from apps.tasks.order.services import Place
from apps.tasks.tests.factories import TaskFactory

pytestmark = pytest.mark.django_db(transaction=True)
TASKS = 40
CONNECTIONS = 8
FEW = [60, pytest.param(500, marks=pytest.mark.slow)]


def order_of(project: Project) -> list[int]:
    return list(Task.objects.filter(project=project).order_by("rank").values_list("pk", flat=True))


def replayed(order: list[int], moves: list[tuple[int, Place]]) -> list[int]:
    """Return the order after these moves, one after the other."""
    order = list(order)
    for pk, place in moves:
        order.remove(pk)
        if place.anchor is not None:
            at = order.index(place.anchor) + (place.side == "after")
        else:
            at = 0 if place.side == "first" else len(order)
        order.insert(at, pk)
    return order


def random_place(chance: Random, pk: int, pks: list[int]) -> Place:
    """Return a place; most are beside one of the two tasks that stay, so that the gaps there run out of room."""
    if chance.random() < 0.1:
        return Place(chance.choice(["first", "last"]))
    anchors = [each for each in (pks[:2] if chance.random() < 0.8 else pks) if each != pk]
    return Place(chance.choice(["after", "before"]), chance.choice(anchors))


@pytest.mark.parametrize("moves", FEW)
def test_rk5_random_moves_of_eight_connections_give_the_order_that_a_replay_of_the_event_log_gives(moves):
    project = ProjectFactory()
    tasks = [TaskFactory(project=project) for _ in range(TASKS)]
    before = order_of(project)
    assert before == [task.pk for task in tasks]
    asked: dict[str, tuple[int, Place]] = {}

    def move(name: str, task: Task, place: Place) -> bool:
        with request_id_of(name):
            row = Task.objects.get(pk=task.pk)
            return bool(services.move_task(actor=project.owner, task=row, place=place, changes={}).effects)

    lanes = []
    for connection in range(CONNECTIONS):
        chance = Random(connection)
        lane = []
        for number in range(moves):
            task, name = chance.choice(tasks[2:]), f"move-{connection}-{number}"
            asked[name] = task.pk, random_place(chance, task.pk, before)
            lane.append(partial(move, name, task, asked[name][1]))
        lanes.append(lane)
    results = in_lanes(*lanes)

    events = list(Activity.objects.filter(project=project, type="task.reordered").order_by("seq"))
    done = [asked[event.request_id] for event in events]
    after = order_of(project)
    assert [event.object_ids[0] for event in events] == [pk for pk, _ in done]
    assert after == replayed(before, done)
    ranks = list(Task.objects.filter(project=project).values_list("rank", flat=True))
    assert len(set(ranks)) == TASKS
    assert max(map(len, ranks)) <= LENGTH_MAX
    rebalanced = Counter(result for lane in results for result in lane)[True]
    assert rebalanced == sum(len(event.object_ids) > 1 for event in events)
    print(
        f"moves: {CONNECTIONS} connections of {moves}, {len(events)} changed the order, {rebalanced} rebalanced; the "
        f"order is the replay of the log, {len(set(ranks))} keys of {TASKS} distinct, longest {max(map(len, ranks))}"
    )


def test_rk5_of_two_moves_into_one_gap_at_once_both_are_there_and_the_later_one_is_nearer():
    project = ProjectFactory()
    anchor, one, other = [TaskFactory(project=project) for _ in range(3)]
    filler = TaskFactory(project=project)
    Task.objects.filter(pk=filler.pk).update(rank=f"{anchor.rank}V")
    for _ in range(20):
        moves = [partial(_after, project, task.pk, anchor.pk) for task in (one, other)]
        assert not [result for result in at_once(*moves) if isinstance(result, Exception)]
        events = Activity.objects.filter(project=project).order_by("-seq")[:2]
        later, earlier = [event.object_ids[0] for event in events]
        assert order_of(project) == [anchor.pk, later, earlier, filler.pk]
        for pk in (one.pk, other.pk):
            services.move_task(actor=project.owner, task=Task.objects.get(pk=pk), place=Place("last"), changes={})
    print("two moves into one gap: 20 rounds, both there each time, the later commit nearer to the anchor")


def test_rk3_an_anchor_that_goes_into_the_trash_at_the_same_instant_is_a_neighbour_or_a_conflict():
    outcomes = Counter()
    for _ in range(15):
        project = ProjectFactory()
        anchor, _, task = [TaskFactory(project=project) for _ in range(3)]
        moved, deleted = at_once(
            partial(_after, project, task.pk, anchor.pk),
            partial(services.delete_task, actor=project.owner, task=Task.objects.get(pk=anchor.pk)),
        )
        assert not isinstance(deleted, Exception)
        code = getattr(moved, "code", "moved")
        reordered = Activity.objects.filter(project=project, type="task.reordered").count()
        assert (code, reordered) in [("moved", 1), ("anchor_moved", 0)]
        outcomes[code] += 1
    print(f"anchor deleted at the same instant: {dict(outcomes)}")


def _after(project: Project, pk: int, anchor: int) -> Task:
    row = Task.objects.get(pk=pk)
    return services.move_task(actor=project.owner, task=row, place=Place("after", anchor), changes={})

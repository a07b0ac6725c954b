"""Levels, comments, moves and leaving at the same instant, each on a connection of its own."""

from __future__ import annotations

from collections import Counter

import pytest

from apps.common.tests.races import at_once, statuses
from apps.notifications.models import Notification
from apps.projects.models import Membership
from apps.projects.tests.factories import MembershipFactory, ProjectFactory
from apps.tasks.models import Task, Watch
from apps.tasks.tests.factories import TaskFactory
from apps.tasks.watching.tests.watch_helpers import level_of

pytestmark = pytest.mark.django_db(transaction=True)

ROUNDS = 6


def test_wa_property_4_a_comment_and_a_level_at_once_leave_the_chosen_level(api, admin, member, project):
    """The comments mention the person, so that both acts would make the row."""
    for number in range(ROUNDS):
        task, level = TaskFactory(project=project), ("muted", "none")[number % 2]
        writer, own, reader = api(admin), api(member), api(member)
        watch_url, comments = f"/api/tasks/{task.pk}/watch/", f"/api/tasks/{task.pk}/comments/"
        choose = {
            "muted": lambda own=own, path=watch_url: own.put(path, {"level": "muted"}),
            "none": lambda own=own, path=watch_url: own.delete(path),
        }[level]

        results = at_once(
            choose,
            lambda client=writer, path=comments: client.post(path, {"body": "@member"}),
            lambda client=reader, path=comments: client.post(path, {"body": "mine"}),
        )

        assert statuses(results) in ([200, 201, 201], [201, 201, 204])
        assert level_of(member, task) == (level, "self")


def test_wa6_eight_who_add_the_same_person_make_one_row_and_notify_once(api, owner, admin, member, project, task):
    path = f"/api/tasks/{task.pk}/watchers/"
    clients = [api(person) for person in (owner, admin) * 4]

    results = at_once(*[lambda client=client: client.post(path, {"user": member.pk}) for client in clients])

    assert statuses(results) == [200] * 7 + [201]
    assert Watch.objects.count() == 1
    assert Notification.objects.filter(kind="watcher_added").count() == 1


def test_wa7_a_level_chosen_while_the_person_leaves_leaves_no_row_behind(api, owner, project, task):
    answers: Counter[int] = Counter()
    for _ in range(ROUNDS):
        person = MembershipFactory(project=project).user
        leaving, choosing, adding = api(person), api(person), api(owner)
        results = at_once(
            lambda client=leaving, who=person: client.delete(f"/api/projects/{project.pk}/members/{who.pk}/"),
            lambda client=choosing: client.put(f"/api/tasks/{task.pk}/watch/", {"level": "all"}),
            lambda client=choosing: client.put(f"/api/projects/{project.pk}/watch/", {"level": "all"}),
            lambda client=adding, who=person: client.post(f"/api/tasks/{task.pk}/watchers/", {"user": who.pk}),
        )
        assert results[0].status_code == 204
        assert {results[1].status_code, results[2].status_code} <= {200, 404}
        assert results[3].status_code in {200, 201, 400, 404}
        answers.update(statuses(results))
        assert not Watch.objects.filter(user=person).exists()
    print(f"{ROUNDS} people who left while levels were set: {dict(answers)}")
    assert not Membership.objects.exclude(user__in=[owner]).exists()


def test_wa7_a_level_chosen_while_the_task_moves_ends_where_the_task_is(api, owner, admin, member, project):
    target = ProjectFactory(owner=owner, key="OTH")
    MembershipFactory(project=target, user=admin)
    for _ in range(ROUNDS):
        task = TaskFactory(project=project)
        mover, staying, losing = api(owner), api(admin), api(member)
        path = f"/api/tasks/{task.pk}/"
        results = at_once(
            lambda client=mover, path=path: client.patch(path, {"project": target.pk}),
            lambda client=staying, path=path: client.put(f"{path}watch/", {"level": "muted"}),
            lambda client=losing, path=path: client.put(f"{path}watch/", {"level": "all"}),
        )
        assert (results[0].status_code, results[1].status_code) == (200, 200)
        assert results[2].status_code in {200, 404}
        assert Task.objects.get(pk=task.pk).project == target
        rows = set(Watch.objects.filter(task=task).values_list("user__username", "project__key", "level"))
        assert rows == {("projectadmin", "OTH", "muted")}

"""Writes at the same instant, each on a connection of its own."""

from __future__ import annotations

import pytest

from apps.common.tests.races import at_once, statuses
from apps.projects.models import Activity, Membership
from apps.projects.roles import Role
from apps.projects.tests.factories import MembershipFactory, ProjectFactory
from apps.tasks.models import Task
from apps.tasks.tests.assertions import counts
from apps.tasks.tests.factories import TaskFactory

URL = "/api/tasks/"
THREADS = 10

pytestmark = pytest.mark.django_db(transaction=True)


def test_fifty_parallel_creations_leave_no_gap_in_the_numbers(api, project, member, outsider):
    client_of = [api(member) for _ in range(50)]
    bodies = [
        {"project": project.pk, "title": "x", **({"assigned_to": outsider.pk} if n % 5 == 4 else {})} for n in range(50)
    ]

    results = at_once(*[lambda c=c, b=b: c.post(URL, b) for c, b in zip(client_of, bodies, strict=True)])

    assert statuses(results) == [201] * 40 + [400] * 10
    numbers = sorted(Task.objects.values_list("number", flat=True))
    print(f"\n50 parallel creations, 10 of them rejected: {len(numbers)} tasks, gaps {numbers[-1] - len(numbers)}")
    assert numbers == list(range(1, 41))
    assert counts(project) == (40, 40, 40)


def one_etag_round(api, member, task) -> list[int]:
    etag = api(member).get(f"{URL}{task.pk}/")["ETag"]
    clients = [api(member) for _ in range(8)]
    return statuses(
        at_once(
            *[
                lambda c=c, n=n: c.patch(f"{URL}{task.pk}/", {"title": f"{etag} {n}"}, headers={"If-Match": etag})
                for n, c in enumerate(clients)
            ]
        )
    )


def test_of_eight_edits_with_the_same_tag_one_wins(api, member, task):
    for rounds in range(1, 6):
        assert one_etag_round(api, member, task) == [200] + [412] * 7
        task.refresh_from_db()
        assert task.version == rounds + 1


@pytest.mark.slow
def test_of_eight_edits_with_the_same_tag_one_wins_a_hundred_times(api, member, task):
    for _ in range(100):
        assert one_etag_round(api, member, task) == [200] + [412] * 7
    task.refresh_from_db()
    print(f"\n8 edits with one tag x 100: {task.version - 1} winners")
    assert task.version == 101
    assert Activity.objects.count() == 100


def one_key_round(api, member, project, key: str) -> list[int]:
    clients = [api(member) for _ in range(THREADS)]
    body = {"project": project.pk, "title": key}
    return statuses(at_once(*[lambda c=c: c.post(URL, body, headers={"Idempotency-Key": key}) for c in clients]))


def test_ten_requests_with_one_key_make_one_task(api, member, project):
    for number in range(5):
        answers = one_key_round(api, member, project, f"key-{number}")
        assert set(answers) <= {201, 409}
        assert 201 in answers
        assert Task.objects.count() == number + 1


@pytest.mark.slow
def test_ten_requests_with_one_key_make_one_task_a_hundred_times(api, member, project):
    answers: list[int] = []
    for number in range(100):
        answers += one_key_round(api, member, project, f"key-{number}")
    print(f"\n10 requests with one key x 100: {Task.objects.count()} tasks, {answers.count(409)} asked to wait")
    assert set(answers) <= {201, 409}
    assert counts(project) == (100, 100, 100)


def test_a_move_and_a_deletion_leave_right_counts(api, project, owner):
    target = ProjectFactory(owner=owner, key="MOB")
    for _ in range(10):
        task = TaskFactory(project=project)
        mover, deleter = api(owner), api(owner)

        results = at_once(
            lambda c=mover, t=task: c.patch(f"{URL}{t.pk}/", {"project": target.pk}),
            lambda c=deleter, t=task: c.delete(f"{URL}{t.pk}/"),
        )

        assert results[1].status_code == 204
        assert results[0].status_code in (200, 404)
    assert counts(project)[1:] == (0, 0)
    assert counts(target)[1:] == (0, 0)


def test_two_moves_against_each_other_do_not_lock_each_other_out(api, project, owner):
    other = ProjectFactory(owner=owner, key="MOB")
    here, there = TaskFactory(project=project), TaskFactory(project=other)
    for _ in range(10):
        results = at_once(
            lambda goal=other: api(owner).patch(f"{URL}{here.pk}/", {"project": goal.pk}),
            lambda goal=project: api(owner).patch(f"{URL}{there.pk}/", {"project": goal.pk}),
        )
        assert statuses(results) == [200, 200]
        project, other = other, project
    assert counts(project)[1:] == counts(other)[1:] == (1, 1)


def test_nobody_is_assigned_who_has_left(api, project, owner, task):
    outcomes = set()
    for _ in range(15):
        member = MembershipFactory(project=project, role=Role.MEMBER).user
        assigner, remover = api(owner), api(owner)

        assigned, removed = at_once(
            lambda c=assigner, m=member: c.patch(f"{URL}{task.pk}/assign/", {"assigned_to": m.pk}),
            lambda c=remover, m=member: c.delete(f"/api/projects/{project.pk}/members/{m.pk}/"),
        )

        assert removed.status_code == 204
        assert assigned.status_code in (200, 400)
        outcomes.add(assigned.status_code)
        task.refresh_from_db()
        assert task.assigned_to_id != member.pk
        assert not Membership.objects.filter(user=member).exists()
    print(f"\nassign against leave: answers {sorted(outcomes)}, assigned strangers 0")


def test_who_is_demoted_meanwhile_writes_nothing_afterwards(api, project, owner, member, task):
    for _ in range(10):
        Membership.objects.filter(user=member).update(role=Role.MEMBER)
        writer, demoter = api(member), api(owner)

        written, demoted = at_once(
            lambda c=writer: c.patch(f"{URL}{task.pk}/", {"title": "x"}),
            lambda c=demoter: c.patch(f"/api/projects/{project.pk}/members/{member.pk}/", {"role": "viewer"}),
        )

        assert demoted.status_code == 200
        assert written.status_code in (200, 403)
        assert writer.patch(f"{URL}{task.pk}/", {"title": "y"}).status_code == 403

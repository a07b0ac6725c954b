"""Two people at the same instant, on connections of their own. Prints its figures."""

from __future__ import annotations

from collections import Counter
from functools import partial

import pytest

from apps.common.errors import ConflictError, DomainError, ForbiddenError, NotFoundError
from apps.common.tests.races import at_once
from apps.common.transactions import run_write
from apps.projects import services
from apps.projects.models import Activity, Membership, Project
from apps.projects.roles import Role
from apps.projects.tests.factories import MembershipFactory, ProjectFactory
from apps.tasks import services as task_services
from apps.tasks.order.services import take_in_task
from apps.tasks.tests.factories import TaskFactory
from apps.users import announcements
from apps.users.services.accounts import anonymise
from apps.users.tests.factories import UserFactory

pytestmark = pytest.mark.django_db(transaction=True)


def outcomes(results):
    """Return what happened, by the name of the rejection; anything but a rejection of ours is a failure."""
    for result in results:
        if isinstance(result, Exception) and not isinstance(result, DomainError):
            raise result
    return Counter(result.code if isinstance(result, DomainError) else "done" for result in results)


def assert_one_owner(project):
    owners = list(Membership.objects.filter(project=project, role=Role.OWNER).values_list("user_id", flat=True))
    project.refresh_from_db()
    assert owners == [project.owner_id]
    assert project.members_count == project.memberships.count()


def owner_races(project, owner, first, second):
    """Return pairs of acts that each would leave the project ownerless, or with two owners, if both were blind."""
    people = {"actor": owner, "project_id": project.pk}
    return [
        (
            lambda: services.transfer_project(**people, user_id=first.pk),
            lambda: services.transfer_project(**people, user_id=second.pk),
        ),
        (
            lambda: services.transfer_project(**people, user_id=first.pk),
            lambda: services.remove_member(actor=second, project_id=project.pk, user_id=first.pk),
        ),
        (
            lambda: services.transfer_project(**people, user_id=first.pk),
            lambda: services.remove_member(actor=first, project_id=project.pk, user_id=first.pk),
        ),
        (
            lambda: services.transfer_project(**people, user_id=first.pk),
            lambda: services.change_role(actor=second, project_id=project.pk, user_id=first.pk, role="viewer"),
        ),
        (
            lambda: services.transfer_project(**people, user_id=first.pk),
            lambda: services.change_role(actor=first, project_id=project.pk, user_id=owner.pk, role="viewer"),
        ),
    ]


@pytest.mark.parametrize("rounds", [40, pytest.param(500, marks=pytest.mark.slow)])
def test_the_last_owner_never_goes_and_never_meets_another(rounds):
    ownerless, seen = 0, Counter()
    for number in range(rounds):
        project = ProjectFactory()
        first, second = (MembershipFactory(project=project, role=Role.ADMIN).user for _ in range(2))
        races = owner_races(project, project.owner, first, second)
        seen += outcomes(at_once(*races[number % len(races)]))
        ownerless += not Membership.objects.filter(project=project, role=Role.OWNER).exists()
        assert_one_owner(project)

    print(f"last owner: {rounds} rounds, ownerless {ownerless}, outcomes {dict(seen)}")
    assert ownerless == 0
    assert seen["done"] >= rounds


def test_a_person_added_eight_times_at_once_is_a_member_once(project, owner):
    newcomer = UserFactory()

    def add():
        return services.add_member(actor=owner, project_id=project.pk, user_id=newcomer.pk, role=Role.MEMBER)

    for _ in range(10):
        assert outcomes(at_once(*[add] * 8)) == {"done": 1, "already_member": 7}
        assert_one_owner(project)
        services.remove_member(actor=owner, project_id=project.pk, user_id=newcomer.pk)

    print("the same member added by 8 at once, 10 rounds: one each time")


def test_who_is_demoted_at_the_same_instant_does_not_act_afterwards(project, owner, admin, member):
    rejected = 0
    for _ in range(30):
        act = at_once(
            lambda: services.change_role(actor=owner, project_id=project.pk, user_id=admin.pk, role=Role.MEMBER),
            lambda: services.update_project(actor=admin, project_id=project.pk, changes={"name": "By the admin"}),
        )[1]
        entries = list(Activity.objects.filter(project=project).order_by("-id").values_list("verb", flat=True)[:2])
        if isinstance(act, ForbiddenError):
            rejected += 1
            assert entries[0] == "role_changed"
        else:
            assert entries == ["role_changed", "updated"]
        services.change_role(actor=owner, project_id=project.pk, user_id=admin.pk, role=Role.ADMIN)
        services.update_project(actor=owner, project_id=project.pk, changes={"name": "Website"})

    print(f"demoted while acting: 30 rounds, {rejected} rejected, acts after the demotion 0")


def test_two_admins_who_remove_each_other_do_not_both_go(project):
    for _ in range(20):
        first, second = (MembershipFactory(project=project, role=Role.ADMIN).user for _ in range(2))

        results = at_once(
            partial(services.remove_member, actor=first, project_id=project.pk, user_id=second.pk),
            partial(services.remove_member, actor=second, project_id=project.pk, user_id=first.pk),
        )

        assert outcomes(results) == {"done": 1, "not_found": 1}
        assert any(isinstance(result, NotFoundError) for result in results)
        assert_one_owner(project)


def test_eight_first_uses_at_once_make_one_inbox():
    for _ in range(10):
        user = UserFactory()

        inboxes = at_once(*[partial(services.ensure_inbox, user)] * 8)

        assert len({inbox.pk for inbox in inboxes}) == 1
        assert Project.objects.get(owner=user).key == "INBOX"


def test_eight_projects_of_one_name_at_once_get_eight_keys():
    user = UserFactory()

    results = at_once(*[lambda: services.create_project(actor=user, name="Plan")] * 5)

    assert outcomes(results) == {"done": 5}
    assert Project.objects.filter(owner=user).count() == 5


def test_task_numbers_taken_at_once_have_no_gap_and_the_counts_agree(project):
    def take():
        def work():
            locked = services.lock_project(project.pk)
            return take_in_task(locked, is_open=True).number

        return run_write(work)

    numbers = [number for _ in range(50) for number in at_once(*[take] * 4)]

    assert sorted(numbers) == list(range(1, 201))
    project.refresh_from_db()
    assert (project.tasks_count, project.open_tasks_count, project.last_task_number) == (200, 200, 200)
    print("numbers: 50 rounds of 4 at once, gaps 0, doubles 0")


def test_an_owner_whose_account_ends_leaves_no_shared_project_without_an_owner():
    ended = 0
    for _ in range(20):
        project, newcomer = ProjectFactory(), UserFactory()
        owner = project.owner

        results = at_once(
            lambda owner=owner: run_write(lambda: announcements.account_closing.announce(owner)),
            lambda owner=owner, project=project, newcomer=newcomer: services.add_member(
                actor=owner, project_id=project.pk, user_id=newcomer.pk, role=Role.MEMBER
            ),
        )

        outcomes(results)
        if isinstance(results[0], ConflictError):
            assert_one_owner(project)
        else:
            ended += 1
            assert not Project.objects.filter(pk=project.pk).exists()
    print(f"account ends while its project is shared: 20 rounds, {ended} ended, ownerless 0")


def test_who_is_removed_at_the_same_instant_is_assigned_nothing(project, owner):
    rejected = 0
    for _ in range(30):
        member = MembershipFactory(project=project).user
        task = TaskFactory(project=project)

        results = at_once(
            partial(task_services.assign_task, actor=owner, task=task, assigned_to=member.pk),
            partial(services.remove_member, actor=owner, project_id=project.pk, user_id=member.pk),
        )

        rejected += outcomes(results)["validation_error"]
        task.refresh_from_db()
        assert task.assigned_to is None
        assert not Membership.objects.filter(project=project, user=member).exists()
    assert_one_owner(project)
    print(f"removed while being assigned: 30 rounds, {rejected} assignments rejected, strangers assigned 0")


def test_an_account_that_ends_at_the_same_instant_joins_and_makes_nothing(project, owner):
    seen = Counter()
    for _ in range(20):
        leaving = UserFactory()

        results = at_once(
            partial(anonymise, user=leaving),
            partial(services.add_member, actor=owner, project_id=project.pk, user_id=leaving.pk, role=Role.MEMBER),
            partial(services.create_project, actor=leaving, name="Last words"),
        )

        seen += outcomes(results)
        assert not isinstance(results[0], Exception)
        assert not Membership.objects.filter(user=leaving).exists()
        assert not Project.objects.filter(owner=leaving).exists()
    assert_one_owner(project)
    print(f"account ends while it joins and makes projects: 20 rounds, {dict(seen)}, left behind 0")

"""What an ending account leaves behind in projects."""

from __future__ import annotations

import pytest

from apps.common.errors import ConflictError
from apps.common.transactions import run_write
from apps.notifications.tests.assertions import kinds_sent_to
from apps.projects import services
from apps.projects.models import Membership, Project
from apps.projects.tests.cast import history
from apps.projects.tests.factories import MembershipFactory, ProjectFactory
from apps.tasks.models import Task
from apps.tasks.tests.factories import TaskFactory
from apps.users import announcements


def close(user):
    run_write(lambda: announcements.account_closing.announce(user))


def test_an_owner_of_a_shared_project_cannot_go_and_nothing_is_deleted(project, owner, viewer):
    ProjectFactory(owner=owner)
    services.ensure_inbox(owner)

    with pytest.raises(ConflictError) as rejection:
        close(owner)

    assert (rejection.value.status, rejection.value.code) == (409, "owns_projects")
    assert Project.objects.filter(owner=owner).count() == 3


@pytest.mark.django_db(transaction=True)
def test_unshared_projects_go_and_those_of_others_are_left(project, owner, member):
    own = TaskFactory(project=ProjectFactory(owner=member))
    services.ensure_inbox(member)
    kept = TaskFactory(project=project, created_by=member)

    close(member)

    assert list(Project.objects.all()) == [project]
    assert list(Task.objects.all()) == [kept]
    assert not Task.objects.filter(pk=own.pk).exists()
    assert not Membership.objects.filter(user=member).exists()
    project.refresh_from_db()
    assert project.members_count == 1
    assert [verb for verb, _ in history(project)] == ["member_removed"]
    assert (kinds_sent_to(member), kinds_sent_to(owner)) == ([], [])


def test_who_has_nothing_can_go(outsider):
    Project.objects.filter(owner=outsider).delete()

    close(outsider)


def test_an_owner_whose_members_have_left_can_go(project, owner):
    member = MembershipFactory(project=project).user
    services.remove_member(actor=member, project_id=project.pk, user_id=member.pk)

    close(owner)

    assert not Project.objects.filter(pk=project.pk).exists()

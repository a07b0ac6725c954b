"""What the services reject under their locks, whatever a door in front of them has let through."""

from __future__ import annotations

import pytest

from apps.common.errors import ForbiddenError, NotFoundError, PreconditionFailedError, ValidationError
from apps.projects.models import Project
from apps.projects.roles import Role
from apps.projects.tests.factories import MembershipFactory, ProjectFactory
from apps.tasks import services
from apps.tasks.models import Task
from apps.tasks.tests.assertions import counts, snapshot
from apps.tasks.tests.factories import TaskFactory

ACTS = {
    "update": lambda actor, task: services.update_task(actor=actor, task=task, changes={"title": "x"}),
    "assign": lambda actor, task: services.assign_task(actor=actor, task=task, assigned_to=None),
    "status": lambda actor, task: services.change_task_status(actor=actor, task=task, status="done"),
    "archive": lambda actor, task: services.archive_task(actor=actor, task=task),
    "unarchive": lambda actor, task: services.unarchive_task(actor=actor, task=task),
    "delete": lambda actor, task: services.delete_task(actor=actor, task=task),
}


@pytest.mark.parametrize("act", ACTS.values(), ids=ACTS)
@pytest.mark.parametrize(("who", "error"), [("outsider", NotFoundError), ("viewer", ForbiddenError)])
def test_rights_are_asked_again_under_the_lock(request, task, act, who, error):
    person = request.getfixturevalue(who)
    before = snapshot()

    with pytest.raises(error):
        act(person, task)

    assert snapshot() == before


@pytest.mark.parametrize("act", ACTS.values(), ids=ACTS)
def test_a_task_that_is_gone_by_now_is_not_found(owner, task, act):
    Task.objects.filter(pk=task.pk).delete()

    with pytest.raises(NotFoundError):
        act(owner, task)


def test_a_member_deletes_only_their_own(member, task):
    with pytest.raises(ForbiddenError):
        services.delete_task(actor=member, task=task)


@pytest.mark.parametrize("act", ["update", "status", "archive"])
def test_a_task_that_has_moved_meanwhile_is_locked_where_it_is(project, owner, task, act):
    target = ProjectFactory(owner=owner, key="MOB")
    stale = Task.objects.get(pk=task.pk)
    services.update_task(actor=owner, task=task, changes={"project": target.pk})

    changed = ACTS[act](owner, stale)

    assert (changed.project_id, changed.version) == (target.pk, 3)
    assert counts(project)[1:] == (0, 0)
    assert counts(target)[1:] == (1, int(act == "update"))


def test_a_task_that_has_moved_out_of_sight_is_not_found(owner, member, task):
    target = ProjectFactory(owner=owner, key="MOB")
    stale = Task.objects.get(pk=task.pk)
    services.update_task(actor=owner, task=task, changes={"project": target.pk})

    with pytest.raises(NotFoundError):
        services.update_task(actor=member, task=stale, changes={"title": "x"})


def test_a_move_to_where_it_has_moved_meanwhile_moves_nothing(owner, task):
    target = ProjectFactory(owner=owner, key="MOB")
    stale = Task.objects.get(pk=task.pk)
    services.update_task(actor=owner, task=task, changes={"project": target.pk})

    changed = services.update_task(actor=owner, task=stale, changes={"project": target.pk})

    assert (changed.key, changed.version) == ("MOB-1", 2)


@pytest.mark.parametrize(
    ("role", "error"), [(None, ValidationError), (Role.VIEWER, ForbiddenError)], ids=["stranger", "viewer"]
)
@pytest.mark.parametrize("act", ["create", "move"])
def test_the_target_is_judged_again_under_the_lock(owner, task, role, error, act):
    target = ProjectFactory()
    if role:
        MembershipFactory(project=target, user=owner, role=role)
    before = snapshot()

    with pytest.raises(error):
        if act == "create":
            services.create_task(actor=owner, title="x", project=target.pk)
        else:
            services.update_task(actor=owner, task=task, changes={"project": target.pk})

    assert snapshot() == before


@pytest.mark.parametrize("act", ["create", "move"])
def test_a_target_that_is_gone_by_now_reads_like_one_out_of_sight(owner, task, act):
    with pytest.raises(ValidationError) as rejected:
        if act == "create":
            services.create_task(actor=owner, title="x", project=10**12)
        else:
            services.update_task(actor=owner, task=task, changes={"project": 10**12})

    assert [(error.pointer, error.code) for error in rejected.value.errors] == [("/project", "does_not_exist")]


def test_a_project_that_is_gone_by_now_takes_its_tasks_out_of_sight(owner, task):
    other = ProjectFactory(owner=owner)
    stale = Task.objects.get(pk=task.pk)
    Task.objects.filter(pk=task.pk).delete()
    stale.project_id = 10**12

    with pytest.raises(NotFoundError):
        services.update_task(actor=owner, task=stale, changes={"project": other.pk})


def test_an_administrator_needs_no_membership_and_keeps_the_rules(project, staff, outsider, task):
    services.update_task(actor=staff, task=task, changes={"title": "x"}, as_administrator=True)
    with pytest.raises(ValidationError):
        services.update_task(actor=staff, task=task, changes={"assigned_to": outsider.pk}, as_administrator=True)
    with pytest.raises(PreconditionFailedError):
        services.archive_task(actor=staff, task=task, expected=frozenset({1}), as_administrator=True)
    services.delete_task(actor=staff, task=task, as_administrator=True)

    assert counts(Project.objects.get(pk=project.pk)) == (1, 0, 0)


def test_what_a_service_makes_is_what_it_returns(project, owner, member):
    made = services.create_task(actor=owner, title="x", project=project.pk, assigned_to=member.pk, status="done")

    found = Task.objects.get(pk=made.pk)
    for name in ("key", "title", "status", "version", "assigned_to_id", "created_by_id", "completed_at", "created_at"):
        assert getattr(made, name) == getattr(found, name)
    assert TaskFactory(project=project).number == 2
